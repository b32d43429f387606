// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.proto.Uuids;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** {@code meta.properties} of a Raft directory: who it belongs to. */
final class IdentityFile {

    static final String NAME = "meta.properties";

    private IdentityFile() {}

    static void write(Path directory, RaftFormat format) throws IOException {
        var values = new TreeMap<String, String>();
        values.put("cluster.id", Uuids.toText(format.identity().clusterId()));
        values.put("node.id", Integer.toString(format.identity().nodeId()));
        values.put("directory.id", Uuids.toText(format.identity().directoryId()));
        values.put("disk.id", Uuids.toText(format.diskId()));
        values.put("voters", format.voters().stream().map(VoterId::toString).collect(Collectors.joining(",")));
        CheckedFile.write(directory, NAME, values);
    }

    /** Empty if there is no such file. */
    static Optional<RaftFormat> read(Path directory) throws IOException {
        var found = CheckedFile.read(directory, NAME);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        var values = found.get();
        try {
            var identity = new RaftIdentity(
                    Uuids.fromText(values.getOrDefault("cluster.id", "")),
                    Integer.parseInt(values.getOrDefault("node.id", "")),
                    Uuids.fromText(values.getOrDefault("directory.id", "")));
            return Optional.of(new RaftFormat(
                    identity,
                    voters(values.getOrDefault("voters", "")),
                    Uuids.fromText(values.getOrDefault("disk.id", ""))));
        } catch (IllegalArgumentException e) {
            throw CheckedFile.damaged(directory.resolve(NAME), String.valueOf(e.getMessage()));
        }
    }

    private static List<VoterId> voters(String text) {
        return text.isEmpty()
                ? List.of()
                : Arrays.stream(text.split(",", -1)).map(VoterId::parse).toList();
    }
}

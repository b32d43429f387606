// SPDX-License-Identifier: Apache-2.0
package io.varve.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import com.google.protobuf.ExtensionRegistry;
import io.varve.proto.v1.Options;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What the compiler made of the .proto files, with their comments, by package. */
final class Descriptors {
    private static final Path FILE = Path.of("target", "descriptors", "varve.binpb");

    private Descriptors() {}

    /** Our own packages, and the files of each by name. */
    static Map<String, List<FileDescriptorProto>> packages() {
        ExtensionRegistry options = ExtensionRegistry.newInstance();
        Options.registerAllExtensions(options);
        try {
            return FileDescriptorSet.parseFrom(Files.readAllBytes(FILE), options).getFileList().stream()
                    .filter(file -> file.getPackage().startsWith("varve."))
                    .sorted((a, b) -> a.getName().compareTo(b.getName()))
                    .collect(Collectors.groupingBy(FileDescriptorProto::getPackage, TreeMap::new, Collectors.toList()));
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + ": written by the build of this module", e);
        }
    }

    static List<FileDescriptorProto> files() {
        return packages().values().stream().flatMap(List::stream).toList();
    }

    /** `file: Message.field` for every field that has no comment. */
    static List<String> fieldsWithoutComment(FileDescriptorProto file) {
        Map<List<Integer>, Location> locations = file.getSourceCodeInfo().getLocationList().stream()
                .collect(Collectors.toMap(Location::getPathList, location -> location, (a, b) -> a));
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < file.getMessageTypeCount(); i++) {
            collect(
                    file.getMessageType(i),
                    List.of(FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, i),
                    locations,
                    missing);
        }
        return missing.stream().map(field -> file.getName() + ": " + field).toList();
    }

    private static void collect(
            DescriptorProto message, List<Integer> path, Map<List<Integer>, Location> locations, List<String> missing) {
        if (message.getOptions().getMapEntry()) {
            return;
        }
        for (int i = 0; i < message.getFieldCount(); i++) {
            FieldDescriptorProto field = message.getField(i);
            Location location = locations.get(child(path, DescriptorProto.FIELD_FIELD_NUMBER, i));
            if (location == null || location.getLeadingComments().isBlank()) {
                missing.add(message.getName() + "." + field.getName());
            }
        }
        for (int i = 0; i < message.getNestedTypeCount(); i++) {
            collect(
                    message.getNestedType(i),
                    child(path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, i),
                    locations,
                    missing);
        }
    }

    private static List<Integer> child(List<Integer> path, int field, int index) {
        List<Integer> child = new ArrayList<>(path);
        child.add(field);
        child.add(index);
        return child;
    }
}

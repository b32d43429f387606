// SPDX-License-Identifier: Apache-2.0
package io.varve.storage.directory;

import io.varve.storage.DirectoryIdentity;
import io.varve.storage.StorageException;
import io.varve.storage.StorageException.Kind;
import io.varve.storage.file.FileStore;
import io.varve.storage.file.SmallFile;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Properties;
import java.util.zip.CRC32C;

/** {@code meta.properties}: text, so that an operator can read whose directory it is; the last line is a CRC32C of the lines before it. */
final class MetaFile {
    static final String NAME = "meta.properties";
    private static final String CRC_LINE = "crc=";

    private MetaFile() {}

    static void write(FileStore files, Path directory, DirectoryIdentity identity) throws IOException {
        String text = "version=" + identity.formatVersion()
                + "\ncluster.id=" + DirectoryIdentity.idText(identity.clusterId())
                + "\nnode.id=" + identity.nodeId()
                + "\ndirectory.id=" + DirectoryIdentity.idText(identity.directoryId())
                + "\n";
        String whole = text + CRC_LINE + crc(text) + "\n";
        SmallFile.replaceRaw(files, directory.resolve(NAME), StandardCharsets.US_ASCII.encode(whole));
    }

    static DirectoryIdentity read(FileStore files, Path directory) throws StorageException {
        Path path = directory.resolve(NAME);
        try {
            if (!files.exists(path)) {
                throw new StorageException(Kind.NOT_FORMATTED, directory + " is not formatted: it has no " + NAME);
            }
            ByteBuffer bytes = SmallFile.readRaw(files, path);
            return parse(path, StandardCharsets.US_ASCII.decode(bytes).toString());
        } catch (IOException e) {
            throw StorageException.of(path + ": reading it", e);
        }
    }

    /** Whether the file says this; if not, it is written anew. For whoever holds the directory's lock. */
    static boolean scrub(FileStore files, Path directory, DirectoryIdentity identity) throws IOException {
        try {
            if (read(files, directory).equals(identity)) {
                return true;
            }
        } catch (StorageException e) {
            if (e.kind() != Kind.DAMAGED && e.kind() != Kind.NOT_FORMATTED && e.kind() != Kind.FOREIGN) {
                throw e;
            }
        }
        write(files, directory, identity);
        return false;
    }

    private static DirectoryIdentity parse(Path path, String whole) throws IOException {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(whole));
        } catch (IllegalArgumentException e) { // an escape that nobody wrote
            throw new StorageException(Kind.DAMAGED, path + " is damaged; it says whose directory this is", e);
        }
        String version = properties.getProperty("version", "");
        // before the CRC: a newer version may have another one
        if (version.matches("[0-9]{1,9}") && Integer.parseInt(version) > DirectoryIdentity.FORMAT_VERSION) {
            throw new StorageException(
                    Kind.FOREIGN,
                    path + " has format version " + version + ", this program knows versions up to "
                            + DirectoryIdentity.FORMAT_VERSION);
        }
        int crcAt = whole.indexOf(CRC_LINE);
        if (crcAt < 0 || !whole.equals(whole.substring(0, crcAt) + CRC_LINE + crc(whole.substring(0, crcAt)) + "\n")) {
            throw new StorageException(Kind.DAMAGED, path + " is damaged; it says whose directory this is");
        }
        return new DirectoryIdentity(
                DirectoryIdentity.parseId(properties.getProperty("cluster.id", "")),
                Integer.parseInt(properties.getProperty("node.id", "")),
                DirectoryIdentity.parseId(properties.getProperty("directory.id", "")),
                Integer.parseInt(version));
    }

    private static String crc(String text) {
        CRC32C crc = new CRC32C();
        crc.update(StandardCharsets.US_ASCII.encode(text));
        return Long.toHexString(crc.getValue());
    }
}

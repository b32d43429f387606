// SPDX-License-Identifier: Apache-2.0
package io.varve.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.varve.storage.DataDirectory;
import io.varve.storage.DirectoryIdentity;
import io.varve.storage.file.RealFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyDirectoryTest {
    @TempDir
    Path parent;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path directory = Path.of("");

    @BeforeEach
    void format() throws Exception {
        directory = parent.resolve("data");
        DataDirectory.format(
                new RealFiles(),
                directory,
                new DirectoryIdentity(new UUID(1, 2), 1, new UUID(3, 4), DirectoryIdentity.FORMAT_VERSION));
    }

    private int verify(String... options) {
        var line = DebugMain.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        String[] arguments = new String[options.length + 1];
        arguments[0] = "verify";
        System.arraycopy(options, 0, arguments, 1, options.length);
        return line.execute(arguments);
    }

    @Test
    void shouldFindNothingWrong() {
        assertThat(verify(directory.toString())).isZero();
        assertThat(out.toString()).endsWith("batches: sound\n");
    }

    @Test
    void shouldNameFileThatIsDamagedAndWhatBecomesOfIt() throws Exception {
        Path catalogue = directory.resolve("catalogue");
        byte[] bytes = Files.readAllBytes(catalogue);
        bytes[3] ^= 1;
        Files.write(catalogue, bytes);
        assertThat(verify(directory.toString(), "--json")).isEqualTo(1);
        JsonNode said = new ObjectMapper().readTree(out.toString());
        assertThat(said.get("problems").asInt()).isEqualTo(1);
        assertThat(said.get("findings").get(0).get("file").asText()).isEqualTo("catalogue");
        assertThat(said.get("findings").get(0).get("severity").asText()).isEqualTo("rebuilt");
        assertThat(err.toString()).contains("DIRECTORY_DAMAGED", "1 files are not what was written");
        assertThat(Files.readAllBytes(catalogue)).isEqualTo(bytes);
    }

    @Test
    void shouldSayThatThereIsNoSuchDirectory() {
        assertThat(verify(parent.resolve("elsewhere").toString())).isEqualTo(DebugMain.NOT_FOUND);
        assertThat(err.toString()).contains("NO_SUCH_FILE");
    }
}

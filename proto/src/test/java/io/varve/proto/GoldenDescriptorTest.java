// SPDX-License-Identifier: Apache-2.0
package io.varve.proto;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The protocol is a promise to clients of every language, and the metadata packages are a format on disk. Each line of
 * `src/test/resources/golden/<package>.txt` is one part of the promise.
 *
 * <p>{@code -Dupdate-golden} writes down additions; {@code -Dupdate-golden=breaking} also removals, which is right only
 * for what no release ever had.
 */
class GoldenDescriptorTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

    static List<String> packages() {
        return List.copyOf(Descriptors.packages().keySet());
    }

    @ParameterizedTest
    @MethodSource("packages")
    void shouldKeepEveryPromiseOfThePackage(String name) throws IOException {
        List<String> now = DescriptorText.of(Descriptors.packages().getOrDefault(name, List.of()));
        Path file = GOLDEN.resolve(name + ".txt");
        List<String> golden = Files.exists(file) ? Files.readAllLines(file) : List.of();
        String update = System.getProperty("update-golden");

        List<String> gone = golden.stream().filter(line -> !now.contains(line)).toList();
        if (!"breaking".equals(update)) {
            assertThat(gone)
                    .as(
                            "breaking change of %s: clients, or files on disk, rely on these lines of %s. Keep them and "
                                    + "add something new instead; a removed field becomes `reserved`",
                            name, file)
                    .isEmpty();
        }
        if (update != null) {
            Files.createDirectories(GOLDEN);
            Files.write(file, now);
            return;
        }
        assertThat(now)
                .as(
                        "additions to %s: look at them, then write them down with"
                                + " ./mvnw test -pl proto -Dupdate-golden, and commit %s",
                        name, file)
                .isEqualTo(golden);
    }

    @Test
    void shouldNoticeABreakingChange() {
        var files = Descriptors.packages().getOrDefault("varve.v1", List.of());
        List<String> before = DescriptorText.of(files);
        var changed = files.stream()
                .map(file -> {
                    var builder = file.toBuilder();
                    builder.getMessageTypeBuilderList()
                            .forEach(message -> message.getFieldBuilderList()
                                    .forEach(field -> field.setNumber(field.getNumber() + 1)));
                    return builder.build();
                })
                .toList();

        assertThat(DescriptorText.of(changed)).doesNotContainSequence(before);
    }
}

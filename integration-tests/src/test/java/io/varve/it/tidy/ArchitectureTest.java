// SPDX-License-Identifier: Apache-2.0
package io.varve.it.tidy;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The arrows between modules, and the rules that keep the cores pure. */
class ArchitectureTest {
    /** Package of each module, and the modules that it may depend on directly. */
    private static final Map<String, List<String>> ARROWS = new TreeMap<>(Map.of(
            "record", List.of(),
            "proto", List.of(),
            "transport", List.of("proto"),
            "storage", List.of("record"),
            "replication", List.of("record", "storage", "transport"),
            "metadata", List.of("proto"),
            "client", List.of("proto", "record", "transport"),
            "node", List.of("proto", "record", "transport", "storage", "replication", "metadata"),
            "simulation", List.of("record", "proto", "storage", "replication", "metadata", "client"),
            "cli", List.of("proto", "client")));

    private static final String PRODUCER_CORE = "io.varve.client.internal.producer..";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.varve");

    static List<String> modules() {
        return List.copyOf(ARROWS.keySet());
    }

    @ParameterizedTest
    @MethodSource("modules")
    void shouldFollowTheArrowsBetweenModules(String module) {
        List<String> allowed = new ArrayList<>(List.of(packageOf(module)));
        ARROWS.getOrDefault(module, List.of()).forEach(other -> allowed.add(packageOf(other)));

        check(noClasses()
                .that()
                .resideInAPackage(packageOf(module))
                .should()
                .dependOnClassesThat(
                        resideInAPackage("io.varve..").and(not(resideInAnyPackage(allowed.toArray(String[]::new)))))
                .because("the arrows in this test are the only ones; io.varve." + module + " may see "
                        + ARROWS.get(module) + " and libraries"));
    }

    @Test
    void shouldKnowTheModuleOfEveryClass() {
        List<String> known =
                ARROWS.keySet().stream().map(module -> "io.varve." + module).toList();
        List<String> strangers = CLASSES.stream()
                .map(JavaClass::getName)
                .filter(name -> known.stream().noneMatch(prefix -> name.startsWith(prefix + ".")))
                .filter(name -> !name.startsWith("io.varve.it."))
                .toList();
        assertThat(strangers)
                .as("classes of a module without arrows: add it to ARROWS")
                .isEmpty();
    }

    @Test
    void shouldHaveNoCyclesBetweenModules() {
        check(slices().matching("io.varve.(*)..").should().beFreeOfCycles());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.varve.replication.protocol..",
                "io.varve.replication.leader..",
                "io.varve.replication.follower..",
                "io.varve.replication.replica..",
                "io.varve.replication.link..",
                "io.varve.metadata.image..",
                "io.varve.metadata.command..",
                "io.varve.metadata.machine..",
                "io.varve.metadata.controller..",
                "io.varve.metadata.broker..",
                "io.varve.metadata.stream..",
                PRODUCER_CORE
            })
    void shouldKeepCoresPure(String core) {
        check(noClasses()
                .that()
                .resideInAPackage(core)
                .should()
                .dependOnClassesThat(OF_THE_WORLD)
                .allowEmptyShould(true)
                .because("a core takes events and ports; the shell around it has threads, clocks, files and networks"));
        check(noClasses()
                .that()
                .resideInAPackage(core)
                .should()
                .accessTargetWhere(READS_CLOCK_OR_CHANCE)
                .allowEmptyShould(true)
                .because("time and randomness reach a core as fields of events, so that a run can be repeated"));
    }

    @Test
    void shouldLoseRulesInSimulationsOnly() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("io.varve.simulation..")
                .should()
                .callMethodWhere(SWITCHES_A_RULE_OFF)
                .because("a node keeps every rule; only a simulation, or a test, tries what becomes of one without"));
    }

    @Test
    void shouldSeeRatisInOnePackageOnly() {
        onlyIn("org.apache.ratis..", "io.varve.metadata.ratis..");
    }

    @Test
    void shouldSeeGrpcOnlyAtTheEdges() {
        onlyIn(
                "io.grpc..",
                "io.varve.proto..",
                "io.varve.transport..",
                "io.varve.node.api..",
                "io.varve.node.control..",
                "io.varve.node.data..",
                "io.varve.node.peer..",
                "io.varve.node.push..",
                "io.varve.client.internal..");
    }

    @Test
    void shouldSeeNettysChannelsOnlyInTransport() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("io.varve.transport..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.netty.handler..", "io.netty.bootstrap..", "io.netty.channel.epoll..")
                .because("connections are transport's business; others see buffers and event loops"));
    }

    @Test
    void shouldNotUseJavaSerialization() {
        check(noClasses()
                .should()
                .dependOnClassesThat()
                .haveNameMatching("java\\.io\\.Object(In|Out)putStream")
                .because("bytes from outside must not choose which classes are made of them"));
    }

    @Test
    void shouldNotPrintExceptFromPrograms() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("io.varve.cli..", "io.varve.node", "io.varve.simulation.run")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .because("a library logs; only programs own standard output"));
    }

    @Test
    void shouldKeepTheClientsInsidesToItself() {
        check(classes()
                .that()
                .resideInAPackage("io.varve.client.internal..")
                .and(not(resideInAPackage(PRODUCER_CORE)))
                .should()
                .onlyBeAccessed()
                .byAnyPackage("io.varve.client..")
                .because("users of the client, the cli among them, have its public face"));
        check(classes()
                .that()
                .resideInAPackage(PRODUCER_CORE)
                .should()
                .onlyBeAccessed()
                .byAnyPackage("io.varve.client..", "io.varve.simulation..")
                .because("the simulator runs the producer's core; nobody else sees it"));
    }

    private static final DescribedPredicate<JavaClass> OF_THE_WORLD = resideInAnyPackage(
                    "io.grpc..",
                    "org.apache.ratis..",
                    "io.netty.channel..",
                    "java.nio.file..",
                    "java.nio.channels..",
                    "java.net..",
                    "java.util.concurrent..",
                    "org.slf4j..")
            .or(DescribedPredicate.describe(
                    "threads, clocks, files or random numbers",
                    type -> List.of(
                                    "java.lang.Thread",
                                    "java.util.Random",
                                    "java.util.random.RandomGenerator",
                                    "java.security.SecureRandom",
                                    "java.time.Clock",
                                    "java.util.Timer",
                                    "java.io.File",
                                    "java.io.FileInputStream",
                                    "java.io.FileOutputStream",
                                    "java.io.RandomAccessFile")
                            .contains(type.getName())))
            .as("threads, clocks, randomness, files, networks or logs");

    private static final DescribedPredicate<JavaAccess<?>> READS_CLOCK_OR_CHANCE = DescribedPredicate.describe(
            "System.nanoTime, currentTimeMillis, identityHashCode, now(), randomUUID or Math.random", access -> {
                String owner = access.getTargetOwner().getName();
                String name = access.getTarget().getName();
                return (owner.equals("java.lang.System")
                                && List.of("nanoTime", "currentTimeMillis", "identityHashCode")
                                        .contains(name))
                        || (owner.startsWith("java.time.") && name.equals("now"))
                        || (owner.equals("java.util.UUID") && name.equals("randomUUID"))
                        || (owner.equals("io.varve.proto.Uuids") && name.equals("random"))
                        || (owner.equals("java.lang.Math") && name.equals("random"));
            });

    private static final DescribedPredicate<JavaAccess<?>> SWITCHES_A_RULE_OFF = DescribedPredicate.describe(
            "Rules.without or MachineRules.without",
            access -> access.getTarget().getName().equals("without")
                    && List.of("io.varve.replication.protocol.Rules", "io.varve.metadata.machine.MachineRules")
                            .contains(access.getTargetOwner().getName()));

    private static void onlyIn(String library, String... homes) {
        check(noClasses()
                .that()
                .resideOutsideOfPackages(homes)
                .and()
                .resideInAPackage("io.varve..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .because(library + " stays in " + List.of(homes) + "; others use what these packages offer"));
    }

    private static String packageOf(String module) {
        return "io.varve." + module + "..";
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }
}

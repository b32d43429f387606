// SPDX-License-Identifier: Apache-2.0
package io.varve.it.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.it.tidy.JavaSources.Element;
import io.varve.it.tidy.JavaSources.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Limits that nobody has to remember, because they are checked. There is no list of exemptions: what does not fit is
 * split, by pushing decisions up and loops down.
 */
class TidyTest {
    private static final int MAX_FILE_LINES = 500;
    private static final int MAX_METHOD_LINES = 70;
    private static final int MAX_CONSTRUCTOR_PARAMETERS = 8;
    private static final Pattern BANNED_NAME = Pattern.compile(".*(Manager|Helper|Utils?|Impl|Base|Common)");

    /** Two humps at least: `Chunk` may be a word, `LogWriter` is a class. */
    private static final Pattern CLASS_IN_DOCUMENT = Pattern.compile("`((?:[A-Z][a-z]+){2,})`");

    private static final Pattern DOCUMENT = Pattern.compile("\\bdocs/[\\w/-]+[.]md");

    private static final SourceTree TREE = SourceTree.ofThisRepository();
    private static final List<Element> ELEMENTS = JavaSources.elements(TREE.javaFiles());

    @Test
    void shouldKeepFilesShort() {
        List<String> tooLong = TREE.javaFiles().stream()
                .filter(file -> SourceTree.lines(file).size() > MAX_FILE_LINES)
                .map(file -> TREE.name(file) + ": " + SourceTree.lines(file).size() + " lines")
                .toList();
        assertThat(tooLong)
                .as("files above %d lines; a class that grows like this does two jobs", MAX_FILE_LINES)
                .isEmpty();
    }

    @Test
    void shouldKeepMethodsShort() {
        assertThat(offenders(
                        e -> (e.kind() == Kind.METHOD || e.kind() == Kind.CONSTRUCTOR) && e.lines() > MAX_METHOD_LINES,
                        e -> e.lines() + " lines"))
                .as("methods above %d lines", MAX_METHOD_LINES)
                .isEmpty();
    }

    @Test
    void shouldKeepConstructorsNarrow() {
        assertThat(offenders(
                        e -> e.parameters() > MAX_CONSTRUCTOR_PARAMETERS,
                        e -> e.parameters() + (e.kind() == Kind.TYPE ? " components" : " parameters")))
                .as(
                        "constructors and records above %d parameters; some of them belong together, in a record of"
                                + " their own",
                        MAX_CONSTRUCTOR_PARAMETERS)
                .isEmpty();
    }

    @Test
    void shouldNameTypesAfterWhatTheyDo() {
        assertThat(offenders(
                        e -> e.kind() == Kind.TYPE
                                && BANNED_NAME.matcher(e.name()).matches(),
                        e -> ""))
                .as("names that say nothing: Manager, Helper, Util, Impl, Base, Common")
                .isEmpty();
    }

    @Test
    void shouldNotSleepInTests() {
        assertThat(offenders(e -> e.kind() == Kind.SLEEP && e.file().toString().contains("/src/test/"), e -> ""))
                .as("sleeps in tests, too long on a fast machine and too short on a slow one: wait for a condition")
                .isEmpty();
    }

    @Test
    void shouldDescribeEveryPackageOfMainCode() {
        List<String> without = TREE.javaFiles().stream()
                .filter(file -> file.toString().contains("/src/main/java/"))
                .map(Path::getParent)
                .distinct()
                .filter(directory -> !isDescribed(directory.resolve("package-info.java")))
                .map(TREE::name)
                .toList();
        assertThat(without)
                .as("packages without a package-info.java that says what lives here and is @NullMarked")
                .isEmpty();
    }

    @Test
    void shouldNotMentionThisOrThatMachine() {
        assertThat(mentions(
                        // Written so that this file does not offend itself.
                        "(?<![\\w.~}])/(home/[a-z]|root/|work/|Users/[A-Za-z]|mnt/[a-z]+/)",
                        "repo1?\\.(maven|apache)[.]",
                        "central\\.(sonatype|maven)[.]",
                        "(jitpack|quay|ghcr|docker)[.]io",
                        "(pypi|rubygems|npmjs)[.](org|com)",
                        "(deb|security)[.]debian[.]org"))
                .as(
                        "paths of somebody's machine, or hosts that builds get things from: that is each machine's business")
                .isEmpty();
    }

    @Test
    void shouldExplainItselfWithoutATracker() {
        assertThat(mentions("(?i)\\bissues?[ ]#?\\d", "(?i)\\b(ticket|pull request|PR) #?\\d", "\\bJIRA\\b"))
                .as("mentions of a tracker: say the reason itself, it outlives the number")
                .isEmpty();
    }

    @Test
    void shouldReferToDocumentsThatAreHere() {
        List<String> gone = new ArrayList<>();
        for (Path file : TREE.textFiles()) {
            DOCUMENT.matcher(SourceTree.text(file))
                    .results()
                    .map(MatchResult::group)
                    .filter(document -> !TREE.has(document))
                    .forEach(document -> gone.add(TREE.name(file) + ": " + document));
        }
        assertThat(gone)
                .as("references to documents that are not in the repository")
                .isEmpty();
        // Names in capitals are documents too, but of another place.
        assertThat(mentions("\\b(ARCHITECTURE|REPLICATION|FAULTS|GRPC|RATIS|CLIENT|CLI|EXAMPLES)([.]md| section| \\d)"))
                .as("references to documents that are not in the repository")
                .isEmpty();
    }

    @Test
    void shouldNameOnlyClassesThatExistInDocuments() {
        Set<String> types = ELEMENTS.stream()
                .filter(e -> e.kind() == Kind.TYPE)
                .map(Element::name)
                .collect(Collectors.toSet());
        List<String> gone = new ArrayList<>();
        TREE.textFiles().stream()
                .filter(file -> TREE.name(file).matches("docs/(write-path|threads)[.]md"))
                .forEach(file -> CLASS_IN_DOCUMENT
                        .matcher(SourceTree.text(file))
                        .results()
                        .map(match -> match.group(1))
                        .filter(name -> !types.contains(name))
                        .forEach(name -> gone.add(TREE.name(file) + ": " + name)));
        assertThat(gone)
                .as("documents name classes that do not exist: bring them up to date")
                .isEmpty();
    }

    private static List<String> offenders(Predicate<Element> offends, Function<Element, String> measure) {
        return ELEMENTS.stream()
                .filter(offends)
                .map(e -> TREE.name(e.file()) + ":" + e.line() + ": " + e.name() + " " + measure.apply(e))
                .toList();
    }

    private static List<String> mentions(String... patterns) {
        List<Pattern> compiled = Arrays.stream(patterns).map(Pattern::compile).toList();
        List<String> mentions = new ArrayList<>();
        for (Path file : TREE.textFiles()) {
            List<String> lines = SourceTree.lines(file);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i);
                if (compiled.stream().anyMatch(pattern -> pattern.matcher(line).find())) {
                    mentions.add(TREE.name(file) + ":" + (i + 1) + ": " + line.strip());
                }
            }
        }
        return mentions;
    }

    private static boolean isDescribed(Path packageInfo) {
        return Files.exists(packageInfo) && SourceTree.text(packageInfo).contains("@NullMarked");
    }
}

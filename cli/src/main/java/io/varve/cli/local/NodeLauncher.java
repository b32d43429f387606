// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.local;

import io.varve.cli.CommandFailure;
import io.varve.cli.ExitStatus;
import io.varve.cli.ProcessStat;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs {@code varve node ...} through the launcher script that this command came from. Immutable. */
final class NodeLauncher {
    private static final Pattern ERROR = Pattern.compile("^error: ([A-Z_]+): (.*)$", Pattern.MULTILINE);
    private static final Pattern HINT = Pattern.compile("^hint: (.*)$", Pattern.MULTILINE);

    private final String launcher;

    private NodeLauncher(String launcher) {
        this.launcher = launcher;
    }

    static NodeLauncher ofThisCommand() {
        String launcher = System.getProperty("varve.launcher");
        if (launcher == null) {
            throw new CommandFailure(
                    ExitStatus.FAILURE,
                    "NO_LAUNCHER",
                    "this command was not started by the launcher script, so it cannot start nodes",
                    "use ./varve local up");
        }
        return new NodeLauncher(launcher);
    }

    /** A node's directory that is being formatted, by a process of its own. */
    record Formatting(LocalNode node, Process process, Path log, long loggedBefore) {
        void await() {
            try {
                int code = process.waitFor();
                if (code != 0) {
                    throw NodeLauncher.failure(
                            "cannot format the directory of node " + node.id(), log, loggedBefore, code);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CommandFailure(ExitStatus.FAILURE, "INTERRUPTED", "interrupted while formatting", "");
            }
        }
    }

    /** Begins to format the node's directory; its voters are those of the configuration. */
    Formatting format(LocalNode node, Path config, String clusterId, Path log) {
        try {
            long logged = Files.exists(log) ? Files.size(log) : 0;
            List<String> command =
                    List.of(launcher, "node", "format", "--config", config.toString(), "--cluster-id", clusterId);
            return new Formatting(
                    node, processBuilder(command, node, config, log).start(), log, logged);
        } catch (IOException e) {
            throw new CommandFailure(ExitStatus.FAILURE, "IO_ERROR", "cannot run " + launcher + ": " + e, "");
        }
    }

    /** A node process that was started, with the length of its log at that moment. */
    record Started(LocalNode node, Process process, Path log, long loggedBefore) {
        CommandFailure failure() {
            return NodeLauncher.failure(
                    "node " + node.id() + " stopped while starting", log, loggedBefore, process.exitValue());
        }
    }

    /** Starts a node that outlives this command, its terminal and a Ctrl-C typed there. */
    Started run(LocalNode node, Path config, Path log) {
        try {
            long logged = Files.exists(log) ? Files.size(log) : 0;
            List<String> command = new ArrayList<>();
            // A session of its own. The script and setsid replace themselves, so the pid is that of the node.
            setsid().ifPresent(command::add);
            command.addAll(List.of(launcher, "node", "run", "--config", config.toString()));
            Process process = processBuilder(command, node, config, log).start();
            ProcessStat stat = ProcessStat.of(process.pid())
                    .orElseThrow(() -> failure("node " + node.id() + " did not start", log, logged, 1));
            return new Started(node.startedAs(stat), process, log, logged);
        } catch (IOException e) {
            throw new CommandFailure(ExitStatus.FAILURE, "IO_ERROR", "cannot run " + launcher + ": " + e, "");
        }
    }

    /** Begins to print what {@code varve debug dump-records} finds there to the process's standard output. */
    Process dumpRecords(List<Path> partitions, Path errors) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher, "debug", "dump-records"));
        partitions.forEach(partition -> command.add(partition.toString()));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()));
        builder.environment().put("VARVE_BUILD", "never");
        return builder.start();
    }

    private static ProcessBuilder processBuilder(List<String> command, LocalNode node, Path config, Path log)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(log.resolveSibling(".").toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .redirectErrorStream(true);
        // It was built for this command a moment ago.
        builder.environment().put("VARVE_BUILD", "never");
        // Settings of somebody's real node would win over this one's file.
        builder.environment()
                .keySet()
                .removeIf(name -> name.startsWith("VARVE_NODE_") && !name.equals("VARVE_NODE_LOG_LEVEL"));
        if (!Files.readString(config).contains("peer.bind")) {
            // Written before nodes had a port for each other: its default would be the same for all local clusters.
            builder.environment()
                    .putIfAbsent(
                            "VARVE_NODE_PEER_BIND",
                            "127.0.0.1:" + node.addresses().peerPort());
        }
        return builder;
    }

    private static java.util.Optional<String> setsid() {
        return java.util.Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .map(directory -> new File(directory, "setsid"))
                .filter(File::canExecute)
                .map(File::getPath)
                .findFirst();
    }

    /** The node's own words, if it said what is wrong; else where to look. */
    private static CommandFailure failure(String what, Path log, long loggedBefore, int exitCode) {
        String said = tail(log, loggedBefore);
        Matcher error = ERROR.matcher(said);
        ExitStatus status = statusOf(exitCode);
        if (!error.find()) {
            return new CommandFailure(
                    status, "NODE_FAILED", what + " (exit code " + exitCode + ")", "its log is " + log);
        }
        String reason = error.group(1);
        StringBuilder sentences = new StringBuilder(error.group(2));
        while (error.find()) {
            sentences.append("; ").append(error.group(2));
        }
        Matcher hint = HINT.matcher(said);
        return new CommandFailure(
                status, reason, sentences.toString(), hint.find() ? hint.group(1) : "its log is " + log);
    }

    private static ExitStatus statusOf(int exitCode) {
        for (ExitStatus status : ExitStatus.values()) {
            if (status.code() == exitCode && status != ExitStatus.OK) {
                return status;
            }
        }
        return ExitStatus.FAILURE;
    }

    private static String tail(Path log, long from) {
        try {
            byte[] all = Files.readAllBytes(log);
            int start = (int) Math.min(from, all.length);
            return new String(all, start, all.length - start, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}

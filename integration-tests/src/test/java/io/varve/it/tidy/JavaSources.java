// SPDX-License-Identifier: Apache-2.0
package io.varve.it.tidy;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** Reads sources with the compiler's own parser: what is a method, and where does it end. */
final class JavaSources {
    /** @param parameters of a constructor, or components of a record; 0 for anything else */
    record Element(Path file, int line, String name, Kind kind, int lines, int parameters) {}

    enum Kind {
        TYPE,
        METHOD,
        CONSTRUCTOR,
        SLEEP
    }

    private JavaSources() {}

    static List<Element> elements(List<Path> files) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            List<Element> elements = new ArrayList<>();
            for (CompilationUnitTree unit : task.parse()) {
                new Scanner(unit, positions, elements).scan(unit, null);
            }
            return elements;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Scanner extends TreePathScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<Element> elements;

        Scanner(CompilationUnitTree unit, SourcePositions positions, List<Element> elements) {
            this.unit = unit;
            this.positions = positions;
            this.elements = elements;
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
            if (!type.getSimpleName().isEmpty()) {
                add(type, type.getSimpleName().toString(), Kind.TYPE, components(type));
            }
            return super.visitClass(type, unused);
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
            boolean constructor = method.getReturnType() == null;
            String owner = ((ClassTree) getCurrentPath().getParentPath().getLeaf())
                    .getSimpleName()
                    .toString();
            add(
                    method,
                    constructor ? owner : owner + "." + method.getName(),
                    constructor ? Kind.CONSTRUCTOR : Kind.METHOD,
                    constructor ? method.getParameters().size() : 0);
            return super.visitMethod(method, unused);
        }

        @Override
        public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void unused) {
            String target = call.getMethodSelect().toString();
            if (target.equals("Thread.sleep") || target.matches("(TimeUnit\\.)?[A-Z]+SECONDS\\.sleep")) {
                add(call, target, Kind.SLEEP, 0);
            }
            return super.visitMethodInvocation(call, unused);
        }

        private static int components(ClassTree type) {
            if (type.getKind() != Tree.Kind.RECORD) {
                return 0;
            }
            // The parser turns components into private final fields without initializer; a record has no others.
            return (int) type.getMembers().stream()
                    .filter(member -> member.getKind() == Tree.Kind.VARIABLE)
                    .filter(member ->
                            !((VariableTree) member).getModifiers().getFlags().contains(Modifier.STATIC))
                    .count();
        }

        private void add(Tree tree, String name, Kind kind, int parameters) {
            LineMap map = unit.getLineMap();
            int first = (int) map.getLineNumber(positions.getStartPosition(unit, tree));
            int last = (int) map.getLineNumber(positions.getEndPosition(unit, tree));
            Path file = Path.of(unit.getSourceFile().toUri());
            elements.add(new Element(file, first, name, kind, last - first + 1, parameters));
        }
    }
}

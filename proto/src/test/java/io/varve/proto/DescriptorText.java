// SPDX-License-Identifier: Apache-2.0
package io.varve.proto;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.TextFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One line for everything that a client, or a file on disk, may rely on. A line that is gone is a breaking change; a new
 * line is an addition.
 */
final class DescriptorText {
    private final List<String> lines = new ArrayList<>();

    private DescriptorText() {}

    /** Sorted, so that moving a definition to another file of the package changes nothing. */
    static List<String> of(List<FileDescriptorProto> files) {
        DescriptorText text = new DescriptorText();
        files.forEach(text::file);
        return text.lines.stream().sorted().toList();
    }

    private void file(FileDescriptorProto file) {
        String scope = file.getPackage();
        file.getMessageTypeList().forEach(message -> message(scope, message));
        file.getEnumTypeList().forEach(type -> enumeration(scope, type));
        file.getServiceList().forEach(service -> service(scope, service));
        file.getExtensionList()
                .forEach(field -> lines.add("extension " + field.getExtendee() + " " + field.getNumber() + " " + scope
                        + "." + field.getName() + ": " + type(field)));
    }

    private void message(String scope, DescriptorProto message) {
        String name = scope + "." + message.getName();
        lines.add("message " + name);
        message.getFieldList().forEach(field -> lines.add(field(name, message, field)));
        message.getNestedTypeList().forEach(nested -> message(name, nested));
        message.getEnumTypeList().forEach(nested -> enumeration(name, nested));
        message.getReservedRangeList()
                .forEach(range ->
                        lines.add("reserved " + name + " " + range.getStart() + " to " + (range.getEnd() - 1)));
        message.getReservedNameList().forEach(reserved -> lines.add("reserved " + name + " " + reserved));
    }

    private static String field(String message, DescriptorProto parent, FieldDescriptorProto field) {
        String line = "field " + message + " " + field.getNumber() + " " + field.getName() + ": " + type(field);
        if (field.getProto3Optional()) {
            return line + " optional";
        }
        return field.hasOneofIndex()
                ? line + " oneof " + parent.getOneofDecl(field.getOneofIndex()).getName()
                : line;
    }

    private static String type(FieldDescriptorProto field) {
        String type = field.getTypeName().isEmpty()
                ? field.getType().name().replace("TYPE_", "").toLowerCase(Locale.ROOT)
                : field.getTypeName();
        return field.getLabel() == FieldDescriptorProto.Label.LABEL_REPEATED ? "repeated " + type : type;
    }

    private void enumeration(String scope, EnumDescriptorProto type) {
        String name = scope + "." + type.getName();
        lines.add("enum " + name);
        type.getValueList()
                .forEach(value -> lines.add("value " + name + " " + value.getNumber() + " " + value.getName()
                        + options(TextFormat.printer().emittingSingleLine(true).printToString(value.getOptions()))));
    }

    private void service(String scope, ServiceDescriptorProto service) {
        String name = scope + "." + service.getName();
        lines.add("service " + name);
        for (MethodDescriptorProto method : service.getMethodList()) {
            lines.add("rpc " + name + "/" + method.getName() + " (" + stream(method.getClientStreaming())
                    + method.getInputType() + ") returns (" + stream(method.getServerStreaming())
                    + method.getOutputType() + ")"
                    + options(TextFormat.printer().emittingSingleLine(true).printToString(method.getOptions())));
        }
    }

    private static String stream(boolean streaming) {
        return streaming ? "stream " : "";
    }

    private static String options(String options) {
        return options.isEmpty() ? "" : " [" + options + "]";
    }
}

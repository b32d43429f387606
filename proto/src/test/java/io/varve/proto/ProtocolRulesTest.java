// SPDX-License-Identifier: Apache-2.0
package io.varve.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import io.varve.proto.v1.Operation;
import io.varve.proto.v1.Options;
import io.varve.proto.v1.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Rules that every .proto file keeps, now and later. */
class ProtocolRulesTest {
    @Test
    void shouldSayForEveryMethodWhatItsCallerMustBeAllowedTo() {
        List<String> silent = new ArrayList<>();
        for (FileDescriptorProto file : Descriptors.files()) {
            file.getServiceList()
                    .forEach(service -> service.getMethodList().forEach(method -> {
                        var authorization = method.getOptions().getExtension(Options.authorization);
                        if (authorization.getResource() == Resource.RESOURCE_UNSPECIFIED
                                || authorization.getOperation() == Operation.OPERATION_UNSPECIFIED) {
                            silent.add(service.getName() + "/" + method.getName());
                        }
                    }));
        }
        assertThat(silent)
                .as("methods without `option (authorization)`: nobody could be kept from calling them")
                .isEmpty();
    }

    @Test
    void shouldGiveEveryMethodARequestAndAResponseOfItsOwn() {
        List<String> shared = new ArrayList<>();
        for (FileDescriptorProto file : Descriptors.files()) {
            file.getServiceList()
                    .forEach(service -> service.getMethodList().forEach(method -> {
                        String prefix = "." + file.getPackage() + "." + method.getName();
                        if (!method.getInputType().equals(prefix + "Request")
                                || !method.getOutputType().equals(prefix + "Response")) {
                            shared.add(service.getName() + "/" + method.getName());
                        }
                    }));
        }
        assertThat(shared)
                .as("methods whose messages are not called <Method>Request and <Method>Response")
                .isEmpty();
    }

    @Test
    void shouldBeginEveryEnumWithUnspecified() {
        List<String> wrong = new ArrayList<>();
        enums().forEach(type -> {
            String first = type.getValue(0).getName();
            String expected = screamingSnake(type.getName()) + "_UNSPECIFIED";
            if (!first.equals(expected) || type.getValue(0).getNumber() != 0) {
                wrong.add(type.getName() + " begins with " + first + ", not " + expected + " = 0");
            }
        });
        assertThat(wrong)
                .as("the value 0 is what an absent field reads as: it must mean nothing")
                .isEmpty();
    }

    @Test
    void shouldPrefixEveryEnumValueWithItsType() {
        List<String> wrong = new ArrayList<>();
        enums().forEach(type -> type.getValueList().forEach(value -> {
            if (!value.getName().startsWith(screamingSnake(type.getName()) + "_")) {
                wrong.add(type.getName() + "." + value.getName());
            }
        }));
        assertThat(wrong)
                .as("values without their type's prefix collide within the package")
                .isEmpty();
    }

    @Test
    void shouldCommentEveryField() {
        List<String> missing = Descriptors.files().stream()
                .flatMap(file -> Descriptors.fieldsWithoutComment(file).stream())
                .toList();
        assertThat(missing)
                .as("fields without a comment: say the unit, and what absence means")
                .isEmpty();
    }

    private static List<EnumDescriptorProto> enums() {
        List<EnumDescriptorProto> enums = new ArrayList<>();
        for (FileDescriptorProto file : Descriptors.files()) {
            enums.addAll(file.getEnumTypeList());
            file.getMessageTypeList().forEach(message -> collect(message, enums));
        }
        return enums;
    }

    private static void collect(DescriptorProto message, List<EnumDescriptorProto> enums) {
        enums.addAll(message.getEnumTypeList());
        message.getNestedTypeList().forEach(nested -> collect(nested, enums));
    }

    private static String screamingSnake(String camel) {
        return camel.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }
}

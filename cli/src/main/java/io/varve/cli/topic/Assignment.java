// SPDX-License-Identifier: Apache-2.0
package io.varve.cli.topic;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code 1,2,3:2,3,1}: for each partition its nodes. Stateless. */
final class Assignment implements ITypeConverter<List<List<Integer>>> {
    @Override
    public List<List<Integer>> convert(String value) {
        List<List<Integer>> partitions = new ArrayList<>();
        for (String partition : value.split(":", -1)) {
            List<Integer> nodes = new ArrayList<>();
            for (String node : partition.split(",", -1)) {
                if (!node.strip().matches("\\d{1,9}")) {
                    throw new TypeConversionException(
                            "'" + value + "' is not an assignment such as 1,2,3:2,3,1 for two partitions");
                }
                nodes.add(Integer.parseInt(node.strip()));
            }
            partitions.add(nodes);
        }
        return partitions;
    }
}

// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.machine;

import io.varve.metadata.image.CommandResult;
import io.varve.metadata.image.MetadataDelta;
import io.varve.metadata.image.MetadataImage;
import java.util.Optional;

/**
 * What applying one command gave. *Immutable.*
 *
 * @param delta leads from the image before to {@code image}
 * @param fatal why this voter must stop at once (it does not understand the log, or its image has diverged); the image
 *     is then the one before
 */
public record Applied(MetadataImage image, MetadataDelta delta, CommandResult result, Optional<String> fatal) {}

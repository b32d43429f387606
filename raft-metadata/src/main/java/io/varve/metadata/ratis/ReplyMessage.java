// SPDX-License-Identifier: Apache-2.0
package io.varve.metadata.ratis;

import io.varve.metadata.ApplyReply;
import io.varve.metadata.image.ResultCodec;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.thirdparty.com.google.protobuf.ByteString;
import org.apache.ratis.thirdparty.com.google.protobuf.UnsafeByteOperations;

/** The answer to a command. It stays an object for whoever submitted it in this process, and has bytes for others. */
record ReplyMessage(ApplyReply reply) implements Message {

    @Override
    public ByteString getContent() {
        return UnsafeByteOperations.unsafeWrap(
                ResultCodec.encode(reply.result()).toByteArray());
    }
}

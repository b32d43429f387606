// SPDX-License-Identifier: Apache-2.0
package io.varve.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the first bytes of a connection: who does not begin with HTTP/2's preface is closed, with one line in the log
 * that says what came instead. Passes on what it has seen at once, and is gone after the preface's 24 bytes.
 *
 * <p>*Confined to the connection's event loop.*
 */
final class PrefaceGuard extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(PrefaceGuard.class);
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int SHOWN_BYTES = 40;

    /** Invariant: the first `matched` bytes of the connection are those of the preface, and 0 <= matched < 24. */
    private int matched;

    private boolean closed;

    /** For the pipeline of a server channel: puts a guard in front of each connection. */
    static ChannelHandler acceptor() {
        return new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object accepted) {
                ((Channel) accepted).pipeline().addLast(new PrefaceGuard());
                ctx.fireChannelRead(accepted);
            }
        };
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (closed) {
            ReferenceCountUtil.release(message);
            return;
        }
        ByteBuf bytes = (ByteBuf) message;
        int compared = Math.min(bytes.readableBytes(), PREFACE.length - matched);
        for (int i = 0; i < compared; i++) {
            if (bytes.getByte(bytes.readerIndex() + i) != PREFACE[matched + i]) {
                closed = true;
                LOG.info("closed a connection from {}: {}", ctx.channel().remoteAddress(), describe(bytes));
                bytes.release();
                var unused = ctx.close();
                return;
            }
        }
        matched += compared;
        ctx.fireChannelRead(bytes);
        if (matched == PREFACE.length) {
            ctx.pipeline().remove(this);
        }
    }

    private String describe(ByteBuf bytes) {
        int first = bytes.getUnsignedByte(bytes.readerIndex());
        if (matched == 0 && first == TLS_HANDSHAKE) {
            return "it began with TLS, and this listener is plaintext";
        }
        int shown = Math.min(SHOWN_BYTES, bytes.readableBytes());
        StringBuilder text = new StringBuilder(SHOWN_BYTES);
        for (int i = 0; i < shown; i++) {
            int b = bytes.getUnsignedByte(bytes.readerIndex() + i);
            if (b == '\r' || b == '\n') {
                break;
            }
            // Nothing that a stranger sends may look like a line or a colour of ours.
            text.append(b >= ' ' && b <= '~' ? (char) b : '.');
        }
        return "this port speaks gRPC (HTTP/2), and it began with \"" + text + "\"";
    }
}

# SPDX-License-Identifier: Apache-2.0
"""Appends to a topic and reads it from its beginning with nothing but generated stubs."""
import sys

import grpc

from varve.v1 import error_pb2, record_service_pb2 as pb, record_service_pb2_grpc

TIMEOUT_SECONDS = 10


def text(value):
    return value.decode() if value is not None else None


def optional(message, field):
    return getattr(message, field) if message.HasField(field) else None


def show(record):
    headers = [f"{h.key}={text(optional(h, 'value'))}" for h in record.headers]
    print(record.offset, text(optional(record, "key")), text(optional(record, "value")), *headers)


def main(address, topic):
    # The server is reached directly, whatever proxy the environment has for the web.
    with grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]) as channel:
        service = record_service_pb2_grpc.RecordServiceStub(channel)
        service.Append(
            pb.AppendRequest(
                topic=topic,
                records=[
                    pb.NewRecord(
                        key_text="from",
                        value_bytes=b"python",
                        headers=[pb.RecordHeader(key="lang", value=b"python")],
                    ),
                    pb.NewRecord(value_text="text", headers=[pb.RecordHeader(key="lang")]),
                    pb.NewRecord(),
                ],
            ),
            timeout=TIMEOUT_SECONDS,
        )
        for record in service.Read(pb.ReadRequest(topic=topic), timeout=TIMEOUT_SECONDS).records:
            show(record)
        try:
            service.Read(pb.ReadRequest(topic=topic + "-nowhere"), timeout=TIMEOUT_SECONDS)
        except grpc.RpcError as refused:
            detail = dict(refused.trailing_metadata())["varve-error-bin"]
            reason = error_pb2.ErrorReason.Name(error_pb2.Error.FromString(detail).reason)
            print(reason.removeprefix("ERROR_REASON_"), refused.code().name)


main(*sys.argv[1:])

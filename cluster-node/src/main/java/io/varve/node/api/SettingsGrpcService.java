// SPDX-License-Identifier: Apache-2.0
package io.varve.node.api;

import io.grpc.stub.StreamObserver;
import io.varve.proto.internal.v1.ReadSettingsRequest;
import io.varve.proto.internal.v1.ReadSettingsResponse;
import io.varve.proto.internal.v1.SettingsServiceGrpc;
import io.varve.proto.v1.ConfigValue;
import java.util.List;

/** Tells other nodes what this one was started with. <i>Immutable.</i> */
public final class SettingsGrpcService extends SettingsServiceGrpc.SettingsServiceImplBase {

    private final ReadSettingsResponse answer;

    public SettingsGrpcService(List<ConfigValue> settings) {
        this.answer = ReadSettingsResponse.newBuilder().addAllConfigs(settings).build();
    }

    @Override
    public void readSettings(ReadSettingsRequest request, StreamObserver<ReadSettingsResponse> observer) {
        observer.onNext(answer);
        observer.onCompleted();
    }
}

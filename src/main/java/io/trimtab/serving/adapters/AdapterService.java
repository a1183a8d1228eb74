package io.trimtab.serving.adapters;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.quarkus.grpc.GrpcService;
import io.trimtab.adaptation.AdapterExamination;
import io.trimtab.adaptation.AdapterFile;
import io.trimtab.adaptation.AdapterPublisher;
import io.trimtab.adaptation.AdapterUpload;
import io.trimtab.adaptation.UploadLimits;
import io.trimtab.adaptation.UploadOrder;
import io.trimtab.adaptation.job.AdapterDeletion;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterRegistry;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.grpc.AdmittedCalls;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.serving.grpc.WatchCall;
import io.trimtab.serving.inference.InferenceService;
import io.trimtab.v1.ActivateRequest;
import io.trimtab.v1.Adapter;
import io.trimtab.v1.AdapterEvent;
import io.trimtab.v1.AdapterRef;
import io.trimtab.v1.AdaptersGrpc;
import io.trimtab.v1.DeleteResponse;
import io.trimtab.v1.FileChunk;
import io.trimtab.v1.ListAdaptersRequest;
import io.trimtab.v1.ListAdaptersResponse;
import io.trimtab.v1.Revision;
import io.trimtab.v1.RevisionRef;
import io.trimtab.v1.SetScaleRequest;
import io.trimtab.v1.UploadRequest;
import io.trimtab.v1.ValidationReport;
import io.trimtab.v1.WatchAdaptersRequest;
import jakarta.inject.Inject;
import java.io.IOException;

/**
 * The gRPC edge of {@code trimtab.v1.Adapters}, in the manner of {@link InferenceService}: a method
 * sets its handlers and returns at once, and what waits for a disk, a client or the engine does so
 * on a virtual thread.
 */
@GrpcService
public class AdapterService extends AdaptersGrpc.AdaptersImplBase {
  /** Changes that wait for one watcher. */
  static final int WATCH_EVENTS_MAX = 1024;

  private static final String NO_REASON = "";

  private final AdapterPublisher publisher;
  private final AdapterRegistry registry;
  private final AdapterDeletion deletion;
  private final UploadLimits limits;
  private final OpenCalls openCalls;
  private final AdmittedCalls calls;

  @Inject
  public AdapterService(
      AdapterPublisher publisher,
      AdapterRegistry registry,
      AdapterDeletion deletion,
      UploadLimits limits,
      OpenCalls openCalls) {
    this.publisher = publisher;
    this.registry = registry;
    this.deletion = deletion;
    this.limits = limits;
    this.openCalls = openCalls;
    this.calls = new AdmittedCalls(openCalls);
  }

  @Override
  public StreamObserver<UploadRequest> upload(StreamObserver<Revision> observer) {
    return receive(
        observer,
        (caller, inbox) -> {
          UploadReader reader = new UploadReader(inbox);
          UploadOrder order = AdapterReader.order(caller.tenant(), reader.header());
          try (AdapterUpload upload = publisher.begin(order)) {
            AdapterExamination examination = reader.examined(upload);
            if (!examination.accepted()) {
              throw AdapterUpload.refusal(examination);
            }
            inbox.requireClient();
            return AdapterWriter.revision(order.id(), upload.publish());
          }
        });
  }

  @Override
  public StreamObserver<UploadRequest> validate(StreamObserver<ValidationReport> observer) {
    return receive(
        observer,
        (caller, inbox) -> {
          UploadReader reader = new UploadReader(inbox);
          UploadOrder order = AdapterReader.order(caller.tenant(), reader.header());
          try (AdapterUpload upload = publisher.begin(order)) {
            return AdapterWriter.report(reader.examined(upload));
          }
        });
  }

  @Override
  public void download(RevisionRef request, StreamObserver<FileChunk> observer) {
    calls.stream(
        observer,
        limits.stallMax(),
        (caller, client, pace) ->
            send(
                AdapterReader.id(caller.tenant(), request.getAdapter()),
                AdapterReader.revision(request.getRevision()),
                new FileSender(client, pace)));
  }

  @Override
  public void list(ListAdaptersRequest request, StreamObserver<ListAdaptersResponse> observer) {
    calls.answer(observer, caller -> AdapterWriter.list(registry.list(caller.tenant())));
  }

  @Override
  public void get(AdapterRef request, StreamObserver<Adapter> observer) {
    calls.answer(
        observer,
        caller ->
            AdapterWriter.adapter(
                registry.get(AdapterReader.id(caller.tenant(), request.getAdapter()))));
  }

  @Override
  public void activate(ActivateRequest request, StreamObserver<Adapter> observer) {
    calls.answer(
        observer,
        caller ->
            AdapterWriter.adapter(
                publisher.activate(
                    AdapterReader.id(caller.tenant(), request.getAdapter()),
                    AdapterReader.activation(request))));
  }

  @Override
  public void rollback(AdapterRef request, StreamObserver<Adapter> observer) {
    calls.answer(
        observer,
        caller ->
            AdapterWriter.adapter(
                publisher.rollback(
                    AdapterReader.id(caller.tenant(), request.getAdapter()), NO_REASON)));
  }

  @Override
  public void setScale(SetScaleRequest request, StreamObserver<Adapter> observer) {
    calls.answer(
        observer,
        caller ->
            AdapterWriter.adapter(
                publisher.setScale(
                    AdapterReader.id(caller.tenant(), request.getAdapter()),
                    AdapterReader.revision(request.getRevision()),
                    AdapterReader.scale(request.getScale()),
                    AdapterReader.reason(request.getReason()))));
  }

  @Override
  public void delete(RevisionRef request, StreamObserver<DeleteResponse> observer) {
    calls.answer(
        observer,
        caller -> {
          AdapterId id = AdapterReader.id(caller.tenant(), request.getAdapter());
          int revision = AdapterReader.revision(request.getRevision());
          if (revision == 0) {
            deletion.delete(id, NO_REASON);
          } else {
            registry.delete(id, revision, NO_REASON);
          }
          return DeleteResponse.getDefaultInstance();
        });
  }

  @Override
  public void watch(WatchAdaptersRequest request, StreamObserver<AdapterEvent> observer) {
    String tenant = Caller.current().tenant();
    WatchCall.begin(
        (ServerCallStreamObserver<AdapterEvent>) observer,
        limits.stallMax(),
        openCalls,
        AdapterWriter::event,
        call -> registry.watch(tenant, WATCH_EVENTS_MAX, call));
  }

  /** What a method that reads a stream does; it may wait. */
  private interface Receiving<T> {
    T answer(Caller caller, UploadInbox inbox);
  }

  private <T> StreamObserver<UploadRequest> receive(
      StreamObserver<T> observer, Receiving<T> receiving) {
    ServerCallStreamObserver<T> client = (ServerCallStreamObserver<T>) observer;
    client.disableAutoRequest();
    UploadInbox inbox = new UploadInbox(client, limits.stallMax());
    client.setOnCancelHandler(inbox::clientGone);
    calls.replyTo(client, (caller, reply) -> reply.write(() -> receiving.answer(caller, inbox)));
    return inbox;
  }

  private void send(AdapterId id, int revision, FileSender sender) throws IOException {
    try (RevisionFolder folder = RevisionFolder.open(registry, id, revision)) {
      sender.send(AdapterFile.CONFIG, folder.config());
      sender.send(AdapterFile.WEIGHTS, folder.weights());
    }
  }
}

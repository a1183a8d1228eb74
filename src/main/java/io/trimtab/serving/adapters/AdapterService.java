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
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.grpc.Caller;
import io.trimtab.serving.grpc.ClientPace;
import io.trimtab.serving.grpc.StatusMapping;
import io.trimtab.serving.grpc.UnaryReply;
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
import java.util.concurrent.Executor;

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
  private final Executor working = Thread::startVirtualThread;

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
    ServerCallStreamObserver<FileChunk> client = (ServerCallStreamObserver<FileChunk>) observer;
    if (!began(client)) {
      return;
    }
    ClientPace pace = new ClientPace(client, limits.stallMax());
    client.setOnReadyHandler(pace::changed);
    client.setOnCancelHandler(pace::changed);
    Caller caller = Caller.current();
    working.execute(
        () -> {
          try {
            send(
                AdapterReader.id(caller.tenant(), request.getAdapter()),
                AdapterReader.revision(request.getRevision()),
                new FileSender(client, pace));
            client.onCompleted();
          } catch (Throwable failure) {
            client.onError(StatusMapping.toError(failure));
          }
          openCalls.ended();
        });
  }

  @Override
  public void list(ListAdaptersRequest request, StreamObserver<ListAdaptersResponse> observer) {
    reply(observer, caller -> AdapterWriter.list(registry.list(caller.tenant())));
  }

  @Override
  public void get(AdapterRef request, StreamObserver<Adapter> observer) {
    reply(
        observer,
        caller ->
            AdapterWriter.adapter(
                registry.get(AdapterReader.id(caller.tenant(), request.getAdapter()))));
  }

  @Override
  public void activate(ActivateRequest request, StreamObserver<Adapter> observer) {
    reply(
        observer,
        caller ->
            AdapterWriter.adapter(
                publisher.activate(
                    AdapterReader.id(caller.tenant(), request.getAdapter()),
                    AdapterReader.activation(request))));
  }

  @Override
  public void rollback(AdapterRef request, StreamObserver<Adapter> observer) {
    reply(
        observer,
        caller ->
            AdapterWriter.adapter(
                publisher.rollback(
                    AdapterReader.id(caller.tenant(), request.getAdapter()), NO_REASON)));
  }

  @Override
  public void setScale(SetScaleRequest request, StreamObserver<Adapter> observer) {
    reply(
        observer,
        caller ->
            AdapterWriter.adapter(
                publisher.setScale(
                    AdapterReader.id(caller.tenant(), request.getAdapter()),
                    AdapterReader.revision(request.getRevision()),
                    AdapterReader.scale(request.getScale()),
                    AdapterReader.words("reason", request.getReason()))));
  }

  @Override
  public void delete(RevisionRef request, StreamObserver<DeleteResponse> observer) {
    reply(
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
    ServerCallStreamObserver<AdapterEvent> client =
        (ServerCallStreamObserver<AdapterEvent>) observer;
    ClientPace pace = new ClientPace(client, limits.stallMax());
    WatchCall<io.trimtab.adapter.AdapterEvent, AdapterEvent> call =
        new WatchCall<>(client, pace, openCalls, AdapterWriter::event);
    client.setOnReadyHandler(pace::changed);
    client.setOnCancelHandler(call::cancelled);
    try {
      call.begin();
    } catch (TrimtabException refusal) {
      client.onError(StatusMapping.toError(refusal));
      return;
    }
    try {
      call.attach(registry.watch(Caller.current().tenant(), WATCH_EVENTS_MAX, call));
    } catch (RuntimeException failure) {
      call.fail(failure);
    }
  }

  /** What a method does with an admitted call; it may wait. */
  private interface Work<T> {
    T answer(Caller caller);
  }

  /** The same for one that reads a stream. */
  private interface Receiving<T> {
    T answer(Caller caller, UploadInbox inbox);
  }

  private <T> StreamObserver<UploadRequest> receive(
      StreamObserver<T> observer, Receiving<T> receiving) {
    ServerCallStreamObserver<T> client = (ServerCallStreamObserver<T>) observer;
    client.disableAutoRequest();
    UploadInbox inbox = new UploadInbox(client, limits.stallMax());
    client.setOnCancelHandler(inbox::clientGone);
    if (began(client)) {
      work(client, caller -> receiving.answer(caller, inbox));
    }
    return inbox;
  }

  private <T> void reply(StreamObserver<T> observer, Work<T> work) {
    ServerCallStreamObserver<T> client = (ServerCallStreamObserver<T>) observer;
    // Without a handler, an answer to a client that has gone would throw.
    client.setOnCancelHandler(() -> {});
    if (began(client)) {
      work(client, work);
    }
  }

  private <T> void work(ServerCallStreamObserver<T> client, Work<T> work) {
    UnaryReply<T> reply = new UnaryReply<>(client, openCalls);
    Caller caller = Caller.current();
    working.execute(
        () -> {
          T answer;
          try {
            answer = work.answer(caller);
          } catch (Throwable failure) {
            // Errors too: a call that nobody ends would hold a stopping server.
            reply.fail(failure);
            return;
          }
          reply.answer(answer);
        });
  }

  private boolean began(ServerCallStreamObserver<?> client) {
    try {
      openCalls.began();
      return true;
    } catch (TrimtabException refusal) {
      client.onError(StatusMapping.toError(refusal));
      return false;
    }
  }

  private void send(AdapterId id, int revision, FileSender sender) throws IOException {
    try (RevisionFolder folder = RevisionFolder.open(registry, id, revision)) {
      sender.send(AdapterFile.CONFIG, folder.config());
      sender.send(AdapterFile.WEIGHTS, folder.weights());
    }
  }
}

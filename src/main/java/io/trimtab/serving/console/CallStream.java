package io.trimtab.serving.console;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.trimtab.error.TrimtabException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A call whose answers a reader takes one at a time: it asks, and one more message is asked of the
 * service, whose own bound on what waits for a slow client holds here too. A reader that leaves
 * cancels the call. How a call fails is the last item, as JSON. Subscribed to once.
 */
final class CallStream implements Flow.Publisher<String> {
  private final Channel channel;
  private final JsonMethod method;
  private final Message request;
  private final Supplier<Runnable> place;
  private final AtomicBoolean over = new AtomicBoolean();
  private volatile Runnable leave = () -> {};

  /**
   * @param place taken when the call begins, which may be refused; what it returns is run once,
   *     when the call has ended or the reader has left
   */
  CallStream(Channel channel, JsonMethod method, Message request, Supplier<Runnable> place) {
    this.channel = channel;
    this.method = method;
    this.request = request;
    this.place = place;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super String> reader) {
    ClientCall<Message, Message> call = channel.newCall(method.descriptor(), CallOptions.DEFAULT);
    reader.onSubscribe(
        new Flow.Subscription() {
          private boolean begun;

          @Override
          public synchronized void request(long count) {
            if (!begun) {
              begun = true;
              begin(call, reader);
            }
            if (!over.get()) {
              call.request((int) Math.min(count, Integer.MAX_VALUE));
            }
          }

          @Override
          public synchronized void cancel() {
            if (begun) {
              call.cancel("The reader has left", null);
            }
            begun = true;
            end();
          }
        });
  }

  private void begin(ClientCall<Message, Message> call, Flow.Subscriber<? super String> reader) {
    try {
      leave = place.get();
    } catch (TrimtabException refusal) {
      over.set(true);
      reader.onNext(Refusals.json(refusal));
      reader.onComplete();
      return;
    }
    call.start(new Answers(reader), new Metadata());
    call.sendMessage(request);
    call.halfClose();
  }

  private void end() {
    if (!over.getAndSet(true)) {
      leave.run();
    }
  }

  private final class Answers extends ClientCall.Listener<Message> {
    private final Flow.Subscriber<? super String> reader;

    Answers(Flow.Subscriber<? super String> reader) {
      this.reader = reader;
    }

    @Override
    public void onMessage(Message message) {
      if (!over.get()) {
        reader.onNext(JsonMethod.write(message));
      }
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (over.get()) {
        return;
      }
      end();
      if (!status.isOk()) {
        // At most one beyond what was asked for, and then nothing more.
        reader.onNext(Refusals.json(status));
      }
      reader.onComplete();
    }
  }
}

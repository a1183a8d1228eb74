package io.trimtab.serving.openai;

import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.Cancellation;
import io.trimtab.serving.OpenCalls;
import io.trimtab.serving.http.HttpFailure;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One answer on its way to a client that reads events.
 *
 * <p>The engine's thread only appends to what is pending and asks the connection's thread to fetch
 * it; that one writes JSON and hands it to the connection, as long as that takes more. What comes
 * while the client is slow is joined into one event. What is pending never exceeds a bound: at that
 * point the request is cancelled and the stream ends with an error. An answer that ends is handed
 * over whole, since it does not grow any more.
 *
 * <p>An answer that fails before it begins has no events: its failure is told to {@code begun}.
 */
final class StreamedAnswer implements GenerationListener {
  /** What a token's log-probability weighs against the bound, its text aside. */
  private static final int LOGPROB_CHARACTERS = 32;

  /** Who waits for the answer to begin. */
  interface Begun {
    void begins(ServedBy by);

    void fails(TrimtabException reason);
  }

  private final AnswerJson json;
  private final Begun begun;
  private final Cancellation cancellation;
  private final OpenCalls openCalls;
  private final int pendingCharactersMax;
  private final Logprobs kept;

  // Guards what is pending and the state; nothing is written or told to others under it.
  private final Object lock = new Object();
  private final StringBuilder pendingText = new StringBuilder();
  private final List<TokenLogprob> pendingLogprobs = new ArrayList<>();
  private long pendingCharacters;
  private boolean opened;
  private boolean fetching;
  private boolean over;
  private @Nullable ServedBy servedBy;
  private @Nullable Consumer<ByteArrayOutputStream> end;
  private @Nullable EventSink sink;
  private @Nullable Executor connection;

  StreamedAnswer(
      AnswerJson json,
      Begun begun,
      Cancellation cancellation,
      OpenCalls openCalls,
      int pendingCharactersMax,
      Logprobs kept) {
    this.json = json;
    this.begun = begun;
    this.cancellation = cancellation;
    this.openCalls = openCalls;
    this.pendingCharactersMax = pendingCharactersMax;
    this.kept = kept;
  }

  /**
   * Begins to write.
   *
   * @param connection runs what it is given on the connection's thread, in order
   */
  void attach(EventSink to, Executor connection) {
    synchronized (lock) {
      this.sink = to;
      this.connection = connection;
      fetching = true;
    }
    connection.execute(this::fetch);
  }

  /** The connection takes more. */
  void ready() {
    fetchSoon();
  }

  @Override
  public void started(ServedBy by) {
    synchronized (lock) {
      servedBy = by;
    }
    begun.begins(by);
  }

  @Override
  public void delta(String text, List<TokenLogprob> logprobs) {
    boolean tooSlow;
    synchronized (lock) {
      if (end != null) {
        return;
      }
      pendingText.append(text);
      pendingCharacters += text.length();
      if (kept == Logprobs.WRITE) {
        pendingLogprobs.addAll(logprobs);
        pendingCharacters += characters(logprobs);
      }
      tooSlow = pendingCharacters > pendingCharactersMax;
      if (tooSlow) {
        TrimtabException reason = tooSlow();
        clearPending();
        end = out -> AnswerJson.failure(out, HttpFailure.of(reason));
      }
    }
    fetchSoon();
    if (tooSlow) {
      cancellation.cancel();
    }
  }

  @Override
  public void finished(Completion completion) {
    synchronized (lock) {
      ServedBy by = servedBy;
      if (end == null && by != null) {
        end = out -> json.end(out, by, completion);
      }
    }
    fetchSoon();
    openCalls.ended();
  }

  @Override
  public void failed(TrimtabException reason) {
    boolean before;
    synchronized (lock) {
      before = servedBy == null;
      if (end == null) {
        end = out -> AnswerJson.failure(out, HttpFailure.of(reason));
      }
    }
    if (before) {
      begun.fails(reason);
    } else {
      fetchSoon();
    }
    openCalls.ended();
  }

  private void fetchSoon() {
    Executor runs;
    synchronized (lock) {
      runs = connection;
      if (fetching || runs == null) {
        return;
      }
      fetching = true;
    }
    runs.execute(this::fetch);
  }

  /** On the connection's thread. */
  private void fetch() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    String text;
    List<TokenLogprob> logprobs;
    Consumer<ByteArrayOutputStream> last;
    EventSink to;
    ServedBy by;
    boolean first;
    synchronized (lock) {
      fetching = false;
      to = sink;
      by = servedBy;
      last = end;
      if (to == null || by == null || over || (last == null && to.isFull())) {
        return;
      }
      over = last != null || to.isClosed();
      first = !opened;
      opened = true;
      text = pendingText.toString();
      logprobs = List.copyOf(pendingLogprobs);
      clearPending();
    }
    if (to.isClosed()) {
      return;
    }
    if (first) {
      json.opening(out, by);
    }
    if (!text.isEmpty() || !logprobs.isEmpty()) {
      json.delta(out, by, text, logprobs);
    }
    if (last != null) {
      last.accept(out);
      to.end(out.toByteArray());
    } else if (out.size() > 0) {
      to.write(out.toByteArray());
    }
  }

  private void clearPending() {
    pendingText.setLength(0);
    pendingLogprobs.clear();
    pendingCharacters = 0;
  }

  private TrimtabException tooSlow() {
    return new TrimtabException(
        ErrorCode.RESOURCE_EXHAUSTED,
        "The answer is read too slowly: %d characters are waiting, expected at most %d"
            .formatted(pendingCharacters, pendingCharactersMax));
  }

  private static long characters(List<TokenLogprob> logprobs) {
    long characters = 0;
    for (TokenLogprob logprob : logprobs) {
      characters += LOGPROB_CHARACTERS + logprob.text().length() + characters(logprob.top());
    }
    return characters;
  }
}

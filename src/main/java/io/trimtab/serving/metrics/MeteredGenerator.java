package io.trimtab.serving.metrics;

import io.trimtab.adapter.AdapterId;
import io.trimtab.engine.api.Completion;
import io.trimtab.engine.api.GenerationListener;
import io.trimtab.engine.api.GenerationRequest;
import io.trimtab.engine.api.Generator;
import io.trimtab.engine.api.RequestHandle;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A generator whose requests are counted: once where they begin, once where they end, and nothing a
 * token. Any thread; nothing here blocks.
 */
public final class MeteredGenerator implements Generator {
  private final Generator generator;
  private final RequestMeters meters;
  private final AdapterRequests adapters;

  MeteredGenerator(Generator generator, RequestMeters meters, AdapterRequests adapters) {
    this.generator = generator;
    this.meters = meters;
    this.adapters = adapters;
  }

  @Override
  public RequestHandle generate(GenerationRequest request, GenerationListener listener) {
    Metered metered = new Metered(request.tenant(), named(request), listener);
    try {
      return generator.generate(request, metered);
    } catch (TrimtabException refusal) {
      metered.over();
      meters.failed(refusal.code());
      throw refusal;
    } catch (RuntimeException | Error failure) {
      metered.over();
      meters.failed(ErrorCode.INTERNAL);
      throw failure;
    }
  }

  /** The adapter that a request names; null for base, for the tenant's default and for nonsense. */
  private static @Nullable AdapterId named(GenerationRequest request) {
    String name = request.adapter().split("@", 2)[0];
    return AdapterId.isName(request.tenant())
            && AdapterId.isName(name)
            && !name.equals(AdapterId.BASE)
        ? new AdapterId(request.tenant(), name)
        : null;
  }

  private final class Metered implements GenerationListener {
    private final String tenant;
    private final GenerationListener caller;
    private @Nullable AdapterId waiting;
    private @Nullable AdapterId running;

    Metered(String tenant, @Nullable AdapterId named, GenerationListener caller) {
      this.tenant = tenant;
      this.caller = caller;
      this.waiting = named;
      if (named != null) {
        adapters.waits(named);
      }
    }

    @Override
    public void started(ServedBy by) {
      over();
      if (by.revision() != 0) {
        AdapterId id = new AdapterId(tenant, by.adapter());
        running = id;
        adapters.runs(id);
      }
      caller.started(by);
    }

    @Override
    public void delta(String text, List<TokenLogprob> logprobs) {
      caller.delta(text, logprobs);
    }

    @Override
    public void finished(Completion completion) {
      // Before the caller: who has the answer finds it counted.
      over();
      meters.ended(completion);
      caller.finished(completion);
    }

    @Override
    public void failed(TrimtabException reason) {
      over();
      meters.failed(reason.code());
      caller.failed(reason);
    }

    /** It waits and runs no more. */
    void over() {
      AdapterId waited = waiting;
      AdapterId ran = running;
      waiting = null;
      running = null;
      if (waited != null) {
        adapters.waitsNoMore(waited);
      }
      if (ran != null) {
        adapters.runsNoMore(ran);
      }
    }
  }
}

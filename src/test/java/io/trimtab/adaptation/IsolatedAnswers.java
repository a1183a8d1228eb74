package io.trimtab.adaptation;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.trimtab.adapter.AdapterId;
import io.trimtab.adapter.AdapterLimits;
import io.trimtab.adapter.AdapterSelector;
import io.trimtab.adapter.ResolvedRevision;
import io.trimtab.adapter.RevisionFiles;
import io.trimtab.adapter.RevisionSource;
import io.trimtab.adapter.peft.PeftReader;
import io.trimtab.engine.Engine;
import io.trimtab.engine.EngineOptions;
import io.trimtab.engine.EngineOptions.Caches;
import io.trimtab.engine.api.ServedBy;
import io.trimtab.engine.api.TokenLogprob;
import io.trimtab.testing.PeftFolder;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The answers that each delta gives alone: on an engine of its own, one request at a time, nothing
 * kept of earlier prompts, and straight from the folders that the adapters were made as. A scale is
 * a smaller {@code lora_alpha} here, so that the engine knows of none.
 */
final class IsolatedAnswers implements AutoCloseable {
  private static final String TENANT = "alone";

  private record Key(String digest, float scale, Exchange exchange) {}

  /** A folder and what its weights and configuration amount to. */
  private record Delta(String digest, PeftFolder folder) {}

  private final Path dir;
  private final PeftReader reader;

  /** By digest, as they were made. */
  private final Map<String, PeftFolder> made = new HashMap<>();

  /** By name, each at its scale. The engine's threads read it. */
  private final Map<String, Delta> revisions = new ConcurrentHashMap<>();

  private final Map<Key, List<TokenLogprob>> answers = new HashMap<>();
  private final Engine engine;

  /**
   * @param dir takes the damped ones
   */
  IsolatedAnswers(String checkpoint, List<PeftFolder> pool, Path dir) {
    this.dir = dir;
    this.reader = new PeftReader(LiveBench.config(checkpoint), AdapterLimits.defaults());
    pool.forEach(folder -> made.put(digest(folder), folder));
    EngineOptions options =
        EngineOptions.defaults()
            .withMaxBatch(1)
            .withCaches(Caches.defaults().withPrefixBytes(0).withAdapterBytes(256 << 20));
    this.engine = LiveBench.engine(checkpoint, options, new Folders());
  }

  /** What exactly that gives; at scale 0 what base gives. */
  List<TokenLogprob> of(ServedBy servedBy, Exchange exchange) throws Exception {
    boolean base = servedBy.revision() == 0 || servedBy.scale() == 0;
    Key key =
        base
            ? new Key("", 1, exchange)
            : new Key(servedBy.adapterDigest(), servedBy.scale(), exchange);
    List<TokenLogprob> known = answers.get(key);
    if (known == null) {
      String name = base ? ServedBy.BASE : name(key.digest, key.scale);
      known =
          Asked.of(engine, TENANT, name, "alone", exchange.messages(), exchange.tokens()).tokens();
      answers.put(key, known);
    }
    return known;
  }

  /** Questions answered so far, each once for each delta and scale. */
  int count() {
    return answers.size();
  }

  /** How many of them can be told apart, by tokens or by log-probabilities some 1e-3 apart. */
  long distinct() {
    return answers.values().stream()
        .map(tokens -> tokens.stream().map(IsolatedAnswers::roughly).toList())
        .distinct()
        .count();
  }

  private static List<Integer> roughly(TokenLogprob token) {
    return List.of(token.token(), Math.round(500 * token.top().get(1).logprob()));
  }

  /** Under a name that no other delta and scale has. */
  private String name(String digest, float scale) {
    String name = digest.substring(0, 32) + "-" + Math.round(100 * scale);
    revisions.computeIfAbsent(
        name, key -> read(damped(Objects.requireNonNull(made.get(digest), digest), key, scale)));
    return name;
  }

  private PeftFolder damped(PeftFolder folder, String name, float scale) {
    ObjectNode config = folder.readConfig();
    config.put("lora_alpha", config.path("lora_alpha").floatValue() * scale);
    return new PeftFolder(dir.resolve(name)).write(config, folder.readWeights());
  }

  private Delta read(PeftFolder folder) {
    return new Delta(digest(folder), folder);
  }

  private String digest(PeftFolder folder) {
    try (Arena arena = Arena.ofConfined()) {
      return reader.read(folder.config(), folder.weights(), arena).digest();
    }
  }

  @Override
  public void close() {
    engine.close();
  }

  private final class Folders implements RevisionSource {
    @Override
    public Optional<ResolvedRevision> resolve(
        String tenant, AdapterSelector selector, String requestId) {
      return switch (selector) {
        case AdapterSelector.Served(String name) -> Optional.of(revision(name));
        case AdapterSelector.TenantDefault _, AdapterSelector.Base _, AdapterSelector.Exact _ ->
            Optional.empty();
      };
    }

    private ResolvedRevision revision(String name) {
      return new ResolvedRevision(
          new AdapterId(TENANT, name),
          1,
          delta(name).digest,
          1,
          new RevisionFiles("0".repeat(64), "0".repeat(64), 0),
          engine.model().digest());
    }

    @Override
    public PeftFiles files(ResolvedRevision revision) {
      PeftFolder folder = delta(revision.id().name()).folder;
      return new PeftFiles(folder.config(), folder.weights());
    }

    private Delta delta(String name) {
      return Optional.ofNullable(revisions.get(name))
          .orElseThrow(() -> RevisionSource.notFound(name));
    }
  }
}

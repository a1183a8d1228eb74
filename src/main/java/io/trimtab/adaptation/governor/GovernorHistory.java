package io.trimtab.adaptation.governor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.trimtab.adaptation.governor.GovernorEvent.Outcome;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.Served;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The latest events of each adapter, at most {@value #EVENTS_MAX}, on disk, so that limits hold
 * across a restart and a report can say what was done. What limits and repetitions are decided by
 * is kept longest: changes that were made, and the last of each drift. Any thread; the monitor
 * guards the map.
 */
public final class GovernorHistory {
  private static final System.Logger LOG = System.getLogger(GovernorHistory.class.getName());

  /** More than {@link GovernorSettings#ACTIONS_MAX} changes and what else is kept of them. */
  private static final int EVENTS_MAX = 128;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path folder;
  private final Map<AdapterId, List<GovernorEvent>> events = new HashMap<>();

  /**
   * @param folder made when first written to
   */
  public GovernorHistory(Path folder) {
    this.folder = folder;
  }

  /** An adapter's events, oldest first. */
  public synchronized List<GovernorEvent> of(AdapterId id) {
    List<GovernorEvent> known = events.get(id);
    if (known != null) {
      return List.copyOf(known);
    }
    List<GovernorEvent> read = read(id);
    if (!read.isEmpty()) {
      // Names that nothing ever happened to may be asked for without end.
      events.put(id, read);
    }
    return List.copyOf(read);
  }

  /** When the governor changed an adapter. */
  List<Instant> changes(AdapterId id) {
    return of(id).stream()
        .filter(event -> event.action().changes() && event.outcome() == Outcome.DONE)
        .map(GovernorEvent::time)
        .toList();
  }

  /** The latest event of a kind about a served revision. */
  Optional<GovernorEvent> last(Served served, Predicate<GovernorEvent> kind) {
    return of(served.id()).reversed().stream()
        .filter(event -> event.signal().served().equals(served))
        .filter(kind)
        .findFirst();
  }

  /** Adds one; what cannot be written is kept in memory and said. */
  synchronized void add(GovernorEvent event) {
    AdapterId id = event.signal().served().id();
    List<GovernorEvent> known = new ArrayList<>(of(id));
    if (known.size() >= EVENTS_MAX) {
      known.remove(leastNeeded(known));
    }
    known.add(event);
    events.put(id, known);
    try {
      Path file = file(id);
      Files.createDirectories(file.getParent());
      Path part = file.resolveSibling(file.getFileName() + ".part");
      ArrayNode json = JSON.createArrayNode();
      known.forEach(each -> json.add(GovernorEventJson.write(each)));
      JSON.writeValue(part.toFile(), json);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "What the governor did about %s was not written: %s".formatted(id, e.getMessage()));
    }
  }

  /**
   * The oldest that nothing is decided by, else the oldest that is none of the changes that a limit
   * may count.
   */
  private static int leastNeeded(List<GovernorEvent> events) {
    Set<List<Object>> later = new HashSet<>();
    int changes = 0;
    int unneeded = -1;
    int unchanging = 0;
    for (int i = events.size() - 1; i >= 0; i--) {
      GovernorEvent event = events.get(i);
      boolean changed =
          event.action().changes()
              && event.outcome() == Outcome.DONE
              && ++changes <= GovernorSettings.ACTIONS_MAX;
      boolean decides =
          event.signal().level() == DriftLevel.DRIFT || event.action() == GovernorAction.PROMOTE;
      boolean isLast =
          decides && later.add(List.of(event.signal().served(), event.signal().metric()));
      if (!changed) {
        unchanging = i;
        unneeded = isLast ? unneeded : i;
      }
    }
    return unneeded >= 0 ? unneeded : unchanging;
  }

  /** Forgets an adapter that was deleted; what cannot be deleted is said. */
  synchronized void forget(AdapterId id) {
    events.remove(id);
    try {
      Files.deleteIfExists(file(id));
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "What the governor did about %s is left: %s".formatted(id, e.getMessage()));
    }
  }

  private List<GovernorEvent> read(AdapterId id) {
    Path file = file(id);
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      JsonNode json = JSON.readTree(file.toFile());
      if (!json.isArray()) {
        throw new IllegalArgumentException("Expected a list of events, got " + json.getNodeType());
      }
      List<GovernorEvent> read = new ArrayList<>();
      for (JsonNode each : json) {
        read.add(GovernorEventJson.read(each));
      }
      return read;
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "What the governor did about %s cannot be read: %s".formatted(id, e.getMessage()));
      return List.of();
    }
  }

  private Path file(AdapterId id) {
    return folder.resolve(id.tenant()).resolve(id.name()).resolve("governor.json");
  }
}

package io.trimtab.study.drift;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.trimtab.adaptation.gate.Envelope;
import io.trimtab.adaptation.gate.EnvelopeJson;
import io.trimtab.adaptation.gate.Judgement;
import io.trimtab.adapter.AdapterId;
import io.trimtab.drift.DriftLevel;
import io.trimtab.drift.DriftSignal;
import io.trimtab.drift.DriftWatch;
import io.trimtab.drift.QuestionKey;
import io.trimtab.drift.QuestionWords;
import io.trimtab.drift.Reference;
import io.trimtab.drift.Served;
import io.trimtab.drift.Shift;
import io.trimtab.drift.WatchSettings;
import io.trimtab.error.TrimtabException;
import io.trimtab.study.drift.DriftRecord.Share;
import io.trimtab.study.drift.DriftStream.Stage;
import io.trimtab.study.drift.Traffic.Asked;
import io.trimtab.study.gate.GateCandidate;
import io.trimtab.study.gate.SoundCandidates;
import io.trimtab.study.lab.Lab;
import io.trimtab.study.lab.ServedDelta;
import io.trimtab.world.Light;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Serves streams of requests and watches them at several shares at a time: what is read at a small
 * share is part of what is read at a larger one. What is found is kept in the folder, so that a
 * study that was killed goes on.
 */
final class DriftStudy {
  static final List<Double> SHARES = List.of(0.02, 0.1, 0.5);
  private static final double LARGEST = 0.5;
  private static final int CHUNK = 250;
  private static final int IN_FLIGHT = 16;
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;
  private final WatchSettings settings;

  /**
   * @param folder of a gate study: its candidates are served
   */
  DriftStudy(Path folder, WatchSettings settings) {
    this.folder = folder;
    this.settings = settings;
  }

  /** One after the other; the consumer hears of each. */
  void run(List<DriftStream> streams, BiConsumer<DriftStream, DriftRecord> results)
      throws IOException, InterruptedException {
    for (String model : streams.stream().map(DriftStream::model).distinct().toList()) {
      try (Lab lab = Lab.open(model, folder.resolve(model), 1)) {
        for (DriftStream stream : streams) {
          if (stream.model().equals(model)) {
            results.accept(stream, result(lab, stream));
          }
        }
      }
    }
  }

  private DriftRecord result(Lab lab, DriftStream stream) throws IOException, InterruptedException {
    Path file = folder.resolve(stream.name() + ".json");
    if (Files.isRegularFile(file)) {
      return JSON.readValue(file.toFile(), DriftRecord.class);
    }
    DriftRecord result = served(lab, stream);
    write(file, JSON.writeValueAsBytes(result));
    return result;
  }

  private static void write(Path file, byte[] contents) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.write(part, contents);
    Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private Path delta(String candidate) {
    return folder.resolve("jobs").resolve(candidate).resolve("delta");
  }

  private static GateCandidate sound(String name) {
    return SoundCandidates.all(DriftStreams.STEPS).stream()
        .filter(candidate -> candidate.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The gate's, at the scale that it let the candidate pass at. */
  private Envelope envelope(Lab lab, String candidate) throws IOException, InterruptedException {
    Path file = folder.resolve(candidate + "-envelope.json");
    if (!Files.isRegularFile(file)) {
      if (!Files.isDirectory(delta(candidate))) {
        throw TrimtabException.invalid(
            "The candidate %s is not trained, expected it in %s: run 'trimtab study gate' first"
                .formatted(candidate, folder));
      }
      Judgement judgement = lab.judge(delta(candidate), candidate, sound(candidate).data().get());
      write(file, EnvelopeJson.write(judgement.envelope()));
    }
    return EnvelopeJson.read(Files.readAllBytes(file));
  }

  private DriftRecord served(Lab lab, DriftStream stream) throws IOException, InterruptedException {
    Envelope envelope = envelope(lab, stream.reference());
    Reference reference = Reference.of(envelope.live(), lab.quantities());
    List<Watch> watches = new ArrayList<>();
    Path states = Files.createTempDirectory("trimtab-drift-study");
    for (double share : SHARES) {
      watches.add(new Watch(share, reference, lab, settings, states));
    }
    long start = System.nanoTime();
    Random chosen = new Random(stream.seed());
    int request = 0;
    Traffic traffic = new Traffic(stream.skill(), stream.seed(), Light.USUAL);
    Light light = Light.USUAL;
    while (request < stream.length() && !watches.stream().allMatch(Watch::alarmed)) {
      Light now = stream.light(request);
      if (now != light) {
        light = now;
        traffic = new Traffic(stream.skill(), stream.seed() + 500, light);
      }
      Stage stage = stage(stream, request);
      float scale = stage.scale() == 0 ? envelope.scale() : stage.scale();
      int count = Math.min(chunk(stream, request), stream.length() - request);
      try (ServedDelta served = lab.serve(delta(stage.candidate()), scale)) {
        request = chunk(served, traffic.next(count), request, chosen, watches);
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return new DriftRecord(
        request, seconds, watches.stream().map(Watch::share).collect(Collectors.toList()));
  }

  private static Stage stage(DriftStream stream, int request) {
    return stream.stages().stream()
        .filter(stage -> stage.from() <= request)
        .reduce((_, later) -> later)
        .orElseThrow();
  }

  /** Up to the next stage. */
  private static int chunk(DriftStream stream, int request) {
    return stream.stages().stream()
        .mapToInt(Stage::from)
        .filter(from -> from > request)
        .map(from -> from - request)
        .min()
        .stream()
        .map(left -> Math.min(left, CHUNK))
        .findFirst()
        .orElse(CHUNK);
  }

  /** Answers all, has base read some, and shows these to the watches in their order. */
  private static int chunk(
      ServedDelta served, List<Asked> asked, int first, Random chosen, List<Watch> watches)
      throws InterruptedException {
    Semaphore room = new Semaphore(IN_FLIGHT);
    Map<Integer, CompletableFuture<Shift>> shifts = new HashMap<>();
    List<CompletableFuture<?>> all = new ArrayList<>();
    double[] luck = new double[asked.size()];
    for (int i = 0; i < asked.size(); i++) {
      luck[i] = chosen.nextDouble();
      room.acquire();
      CompletableFuture<?> answer;
      if (luck[i] < LARGEST) {
        CompletableFuture<Shift> shift = served.shift(asked.get(i).messages());
        shifts.put(i, shift);
        answer = shift;
      } else {
        answer = served.answer(asked.get(i).messages());
      }
      all.add(answer.whenComplete((_, _) -> room.release()));
    }
    all.forEach(CompletableFuture::join);
    for (int i = 0; i < asked.size(); i++) {
      CompletableFuture<Shift> shift = shifts.get(i);
      if (shift != null) {
        for (Watch watch : watches) {
          watch.see(luck[i], first + i, asked.get(i), shift.join());
        }
      }
    }
    return first + asked.size();
  }

  /** A watch at one share, up to its first alarm. */
  private static final class Watch {
    private static final Served SERVED = new Served(new AdapterId("study", "stream"), 1, 1);

    private final double share;
    private final DriftWatch watch;
    private int request;
    private int read;
    private @Nullable DriftSignal alarm;
    private int alarmed = -1;
    private @Nullable DriftSignal warning;
    private int warned = -1;

    Watch(double share, Reference reference, Lab lab, WatchSettings settings, Path states) {
      this.share = share;
      this.watch =
          new DriftWatch(
              lab.quantities(),
              (_, _) -> reference,
              settings,
              states.resolve(Double.toString(share)),
              this::signal,
              Clock.systemUTC());
    }

    void see(double luck, int number, Asked asked, Shift shift) {
      if (luck < share && !alarmed()) {
        request = number;
        read++;
        watch.observe(
            SERVED, shift, QuestionWords.of(asked.messages()), QuestionKey.of(asked.messages()));
      }
    }

    private void signal(DriftSignal signal) {
      if (signal.level() == DriftLevel.DRIFT && alarm == null) {
        alarm = signal;
        alarmed = request;
      } else if (signal.level() == DriftLevel.WARNING && warning == null) {
        warning = signal;
        warned = request;
      }
    }

    boolean alarmed() {
      return alarm != null;
    }

    Share share() {
      return new Share(
          share,
          alarmed,
          alarm == null ? "" : alarm.metric(),
          alarm == null ? 0 : alarm.excess(),
          warned,
          warning == null ? "" : warning.metric(),
          read);
    }
  }
}

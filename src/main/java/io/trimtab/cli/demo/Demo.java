package io.trimtab.cli.demo;

import io.trimtab.cli.feedback.FeedbackSending;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.cli.terminal.Terminal;
import io.trimtab.cli.terminal.TextTable;
import io.trimtab.cli.terminal.TextTable.Column;
import io.trimtab.cli.tune.TuningFollower;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackStatusRequest;
import io.trimtab.v1.FeedbackSummary;
import io.trimtab.v1.ListTuningJobsRequest;
import io.trimtab.v1.TuningGrpc;
import io.trimtab.v1.TuningJob;
import io.trimtab.world.Drawing;
import io.trimtab.world.Question;
import io.trimtab.world.Skill;
import io.trimtab.world.World;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The story: before, the corrections, the job and the gate, after. Told to a server like any other
 * by a client like any other.
 */
final class Demo {
  private static final int SKILL_QUESTIONS = 120;
  private static final int KEPT_QUESTIONS = 300;
  private static final int SHOWN = 4;

  // No picture is in two of these.
  private static final long SKILL_SEED = 901;
  private static final long KEPT_SEED = 902;
  private static final long CORRECTION_SEED = 903;

  private static final long LOOK_MILLIS = 250;
  private static final Duration JOB_MAX = Duration.ofMinutes(2);

  private final RemoteServer server;
  private final Skill skill;
  private final int corrections;
  private final PrintWriter out;
  private final Terminal terminal;
  private final String adapter;
  private final DemoEvaluation skillQuestions;
  private final DemoEvaluation kept;

  Demo(RemoteServer server, Skill skill, int corrections, PrintWriter out, Terminal terminal) {
    this.server = server;
    this.terminal = terminal;
    this.skill = skill;
    this.corrections = corrections;
    this.out = out;
    this.adapter = skill.task();
    this.skillQuestions =
        new DemoEvaluation(World.skillExamples(skill, SKILL_SEED, SKILL_QUESTIONS));
    this.kept = new DemoEvaluation(World.heldOut(KEPT_SEED, KEPT_QUESTIONS));
  }

  /** Tells it; the exit code. */
  int tell() throws IOException, InterruptedException {
    long began = System.nanoTime();
    say("");
    say("1. What the model cannot do: %s", adapter);
    List<String> before = skillQuestions.answers(server, "base");
    List<String> keptBefore = kept.answers(server, "base");
    show(before);
    say(
        "   %.1f %% of %d such questions are answered right, and %.1f %% of %d others",
        skillQuestions.exactMatch(before),
        SKILL_QUESTIONS,
        kept.exactMatch(keptBefore),
        KEPT_QUESTIONS);

    say("");
    say("2. Users correct it: %d corrections go onto the topic trimtab.feedback", corrections);
    FeedbackSummary sent = send();
    say("   %d acknowledged by the broker", sent.getAccepted());
    sent.getErrorsList().forEach(error -> say("   refused: %s", error));

    say("");
    say("3. The adapter '%s' is tuned in the background, while requests are served", adapter);
    TuningJob job = awaitJob();
    int code = TuningFollower.of(new RemoteOptions(), out, terminal).follow(server, job.getJobId());

    say("");
    say("4. The same questions again");
    List<String> after = skillQuestions.answers(server, adapter);
    List<String> keptAfter = kept.answers(server, adapter);
    List<String> ofBase = skillQuestions.answers(server, "base");
    show(after);
    say("");
    TextTable table =
        new TextTable(
            Column.left("EXACT MATCH, %"),
            Column.right("QUESTIONS"),
            Column.right("BEFORE"),
            Column.right("AFTER"));
    table.row(
        "learned: " + adapter,
        SKILL_QUESTIONS,
        percent(skillQuestions.exactMatch(before)),
        percent(skillQuestions.exactMatch(after)));
    table.row(
        "kept: everything else",
        KEPT_QUESTIONS,
        percent(kept.exactMatch(keptBefore)),
        percent(kept.exactMatch(keptAfter)));
    table.lines(terminal).forEach(out::println);
    say(
        "Who does not use the adapter gets %s answers as before.",
        ofBase.equals(before) ? "the very same" : "OTHER");
    say("%d s in all.", (System.nanoTime() - began) / 1_000_000_000);
    return code;
  }

  private void show(List<String> answers) {
    for (int i = 0; i < SHOWN; i++) {
      Question question = skillQuestions.question(i);
      say(
          "   %-28s answers %-12s right is %s",
          question.text(), "'" + answers.get(i) + "',", "'" + question.answer() + "'");
    }
  }

  private FeedbackSummary send() throws InterruptedException {
    List<Drawing> drawings = World.skillExamples(skill, CORRECTION_SEED, corrections);
    try (FeedbackSending sending = new FeedbackSending(server)) {
      for (int i = 0; i < drawings.size(); i++) {
        Question question = drawings.get(i).questions().getFirst();
        sending.send(
            FeedbackRequest.newBuilder()
                .setFeedbackId("demo-%s-%04d".formatted(adapter, i))
                .setAdapter(adapter)
                .addMessages(DemoEvaluation.message(drawings.get(i).png(), question.text()))
                .setCorrection(question.answer())
                .build());
      }
      return sending.end();
    }
  }

  /** A job begins by itself once the burst of corrections is over. */
  private TuningJob awaitJob() throws InterruptedException {
    long end = System.nanoTime() + JOB_MAX.toNanos();
    ListTuningJobsRequest request = ListTuningJobsRequest.newBuilder().setAdapter(adapter).build();
    while (System.nanoTime() < end) {
      List<TuningJob> jobs =
          server.call(() -> server.stub(TuningGrpc::newBlockingStub).list(request)).getJobsList();
      if (!jobs.isEmpty()) {
        return jobs.getFirst();
      }
      Thread.sleep(LOOK_MILLIS);
    }
    throw new IllegalStateException(
        "No job began: "
            + server.call(
                () ->
                    server
                        .stub(FeedbackGrpc::newBlockingStub)
                        .status(FeedbackStatusRequest.getDefaultInstance())));
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private void say(String line, Object... words) {
    out.println(words.length == 0 ? line : String.format(Locale.ROOT, line, words));
    out.flush();
  }
}

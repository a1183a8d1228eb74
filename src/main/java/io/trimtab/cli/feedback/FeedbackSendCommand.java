package io.trimtab.cli.feedback;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.ProtoJson;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.FeedbackReceipt;
import io.trimtab.v1.FeedbackRequest;
import io.trimtab.v1.FeedbackSummary;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab feedback send}: one correction, or a file of them. */
@Command(
    name = "send",
    description = {
      "Sends a correction, or those of a file.",
      "A file has one JSON object a line with id, adapter, prediction, image (a path from the file's"
          + " folder, or a data URL), question, answer, correction, rating and tags; messages, of role"
          + " and parts of text or image, for a conversation of more.",
    },
    mixinStandardHelpOptions = true,
    footer = {
      "  trimtab feedback send birds --image wren.png --question \"What species is this?\" --correction wren",
      "  trimtab feedback send birds --prediction ID --correction wren --rating -1",
      "  trimtab feedback send --file corrections.jsonl",
    },
    sortOptions = false)
final class FeedbackSendCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "ADAPTER",
      description = "Whose correction; made where there is none (default: the tenant's default).")
  @Nullable String adapter;

  @Option(names = "--image", paramLabel = "FILE", description = "The picture.")
  @Nullable Path image;

  @Option(names = "--question", paramLabel = "TEXT", description = "What was asked.")
  @Nullable String question;

  @Option(names = "--answer", paramLabel = "TEXT", description = "What the model said.")
  @Nullable String answer;

  @Option(names = "--correction", paramLabel = "TEXT", description = "What it should have said.")
  @Nullable String correction;

  @Option(
      names = "--prediction",
      paramLabel = "ID",
      description = "A prediction asked for with retain, instead of picture and question.")
  @Nullable String prediction;

  @Option(names = "--rating", paramLabel = "R", description = "-1 wrong to 1 right.")
  @Nullable Float rating;

  @Option(names = "--tag", paramLabel = "T", description = "A word to find it by; repeatable.")
  @Nullable List<String> tags;

  @Option(names = "--id", paramLabel = "ID", description = "The same id twice counts once.")
  @Nullable String id;

  @Option(names = "--file", paramLabel = "JSONL", description = "A file of corrections.")
  @Nullable Path file;

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  FeedbackSendCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws Exception {
    try (RemoteServer server = RemoteServer.of(options, channels)) {
      return file == null ? sendOne(server) : sendFile(server, file);
    }
  }

  private int sendOne(RemoteServer server) throws IOException {
    if (correction == null && rating == null) {
      throw new ParameterException(
          spec.commandLine(), "Expected --correction or --rating, or --file");
    }
    FeedbackLine line =
        new FeedbackLine(
            id,
            adapter,
            prediction,
            image == null ? null : image.toAbsolutePath().toString(),
            question,
            null,
            answer,
            correction,
            rating,
            tags);
    FeedbackRequest request = line.request(Path.of(""));
    FeedbackReceipt receipt =
        server.call(() -> server.stub(FeedbackGrpc::newBlockingStub).submit(request));
    print(
        options.json
            ? ProtoJson.line(receipt)
            : "Feedback %s is at partition %d, offset %d"
                .formatted(receipt.getFeedbackId(), receipt.getPartition(), receipt.getOffset()));
    return 0;
  }

  private int sendFile(RemoteServer server, Path lines) throws Exception {
    FeedbackSummary summary;
    try (FeedbackSending sending = new FeedbackSending(server);
        BufferedReader reader = Files.newBufferedReader(lines)) {
      Path folder = lines.toAbsolutePath().getParent();
      int number = 0;
      for (String text = reader.readLine(); text != null; text = reader.readLine()) {
        number++;
        if (!text.isBlank()) {
          FeedbackLine line = read(number, text);
          FeedbackRequest request = request(number, line, folder);
          sending.send(
              line.adapter() == null && adapter != null
                  ? request.toBuilder().setAdapter(adapter).build()
                  : request);
        }
      }
      summary = sending.end();
    }
    if (options.json) {
      print(ProtoJson.line(summary));
    } else {
      print("%d accepted, %d refused".formatted(summary.getAccepted(), summary.getErrorsCount()));
      PrintWriter err = spec.commandLine().getErr();
      summary.getErrorsList().forEach(err::println);
      err.flush();
    }
    return summary.getErrorsCount() == 0 ? 0 : 1;
  }

  private static FeedbackLine read(int number, String text) {
    try {
      return JSON.readValue(text, FeedbackLine.class);
    } catch (JsonProcessingException e) {
      throw new TrimtabException(
          ErrorCode.INVALID_ARGUMENT,
          "Line %d is no correction, expected an object of id, adapter, prediction, image, question,"
                  .formatted(number)
              + " messages, answer, correction, rating and tags: "
              + e.getOriginalMessage(),
          e);
    }
  }

  private static FeedbackRequest request(int number, FeedbackLine line, @Nullable Path folder)
      throws IOException {
    try {
      return line.request(folder == null ? Path.of("") : folder);
    } catch (TrimtabException e) {
      throw new TrimtabException(e.code(), "Line %d: %s".formatted(number, e.getMessage()), e);
    }
  }

  private void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}

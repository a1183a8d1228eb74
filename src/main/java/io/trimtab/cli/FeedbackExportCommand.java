package io.trimtab.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ManagedChannel;
import io.trimtab.error.TrimtabException;
import io.trimtab.v1.FeedbackExample;
import io.trimtab.v1.FeedbackGrpc;
import io.trimtab.v1.ListExamplesRequest;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab feedback export}: an adapter's examples as a file that 'feedback send' reads. */
@Command(
    name = "export",
    description = {
      "Writes an adapter's examples and their pictures to a folder: feedback.jsonl is a file that",
      "'feedback send --file' reads. Examples that were taken back are left out.",
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class FeedbackExportCommand implements Callable<Integer> {
  private static final String FILE = "feedback.jsonl";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "ADAPTER", description = "Whose examples.")
  private String adapter = "";

  @Parameters(
      index = "1",
      paramLabel = "DIR",
      description = "Where to; made where it is not there.")
  private Path folder = Path.of("");

  @Mixin private final RemoteOptions options = new RemoteOptions();

  private final Function<String, ManagedChannel> channels;

  FeedbackExportCommand(Function<String, ManagedChannel> channels) {
    this.channels = channels;
  }

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(folder);
    Path file = folder.resolve(FILE);
    if (Files.exists(file)) {
      throw TrimtabException.invalid("%s is there already, expected a new folder".formatted(file));
    }
    ListExamplesRequest request =
        ListExamplesRequest.newBuilder().setAdapter(adapter).setIncludePictures(true).build();
    int[] written = new int[1];
    try (RemoteServer server = RemoteServer.of(options, channels);
        BufferedWriter lines = Files.newBufferedWriter(file)) {
      server.forEach(
          () -> server.stub(FeedbackGrpc::newBlockingStub).listExamples(request),
          example -> {
            if (!example.getState().equals("retracted")) {
              lines.write(JSON.writeValueAsString(line(example, ++written[0])));
              lines.newLine();
            }
          });
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        options.json
            ? "{\"written\":%d}".formatted(written[0])
            : "%d examples are in %s".formatted(written[0], file));
    out.flush();
    return 0;
  }

  private FeedbackLine line(FeedbackExample example, int number) throws IOException {
    return new FeedbackLine(
        example.getFeedbackId(),
        example.getAdapter(),
        null,
        image(example, number),
        FeedbackListCommand.question(example),
        example.getAnswer(),
        example.getCorrection(),
        example.hasRating() ? example.getRating() : null,
        example.getTagsList());
  }

  /** The first picture, which is the one that such a file has room for. */
  private @Nullable String image(FeedbackExample example, int number) throws IOException {
    for (Message message : example.getMessagesList()) {
      for (Part part : message.getPartsList()) {
        if (part.hasImage()) {
          String name = "%05d.image".formatted(number);
          Files.write(folder.resolve(name), part.getImage().getData().toByteArray());
          return name;
        }
      }
    }
    return null;
  }
}

package io.trimtab.cli.feedback;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ManagedChannel;
import io.trimtab.cli.remote.RemoteOptions;
import io.trimtab.cli.remote.RemoteServer;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code trimtab feedback export}: an adapter's examples as a file that 'feedback send' reads. */
@Command(
    name = "export",
    description = {
      "Writes an adapter's examples and their pictures to a folder.",
      "Its feedback.jsonl is a file that 'feedback send --file' reads. Examples that were taken back"
          + " are left out, and those that a later correction of the same prediction replaces.",
    },
    mixinStandardHelpOptions = true,
    footer = {"  trimtab feedback export birds DIR"},
    sortOptions = false)
final class FeedbackExportCommand implements Callable<Integer> {
  private static final String FILE = "feedback.jsonl";
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A file names no prediction, so nothing in it could say that a correction was replaced. */
  private static final Set<String> LEFT_OUT = Set.of("retracted", "replaced");

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
            if (!LEFT_OUT.contains(example.getState())) {
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
    List<LineMessage> messages = messages(example, number);
    boolean brief = messages.size() == 1 && messages.getFirst().asksBriefly();
    return new FeedbackLine(
        example.getFeedbackId(),
        example.getAdapter(),
        null,
        brief ? messages.getFirst().image() : null,
        brief ? messages.getFirst().question() : null,
        brief ? null : messages,
        example.getAnswer(),
        example.getCorrection(),
        example.hasRating() ? example.getRating() : null,
        example.getTagsList());
  }

  /** The conversation, whose pictures are written beside the file. */
  private List<LineMessage> messages(FeedbackExample example, int number) throws IOException {
    List<LineMessage> messages = new ArrayList<>();
    int pictures = 0;
    for (Message message : example.getMessagesList()) {
      List<LineMessage.Part> parts = new ArrayList<>();
      for (Part part : message.getPartsList()) {
        if (part.hasImage()) {
          String name = "%05d-%d.image".formatted(number, ++pictures);
          Files.write(folder.resolve(name), part.getImage().getData().toByteArray());
          parts.add(new LineMessage.Part(null, name));
        } else {
          parts.add(new LineMessage.Part(part.getText(), null));
        }
      }
      messages.add(new LineMessage(message.getRole(), parts));
    }
    return messages;
  }
}

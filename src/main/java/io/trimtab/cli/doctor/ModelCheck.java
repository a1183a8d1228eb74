package io.trimtab.cli.doctor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.trimtab.error.TrimtabException;
import io.trimtab.model.BundledModel;
import io.trimtab.model.Checkpoint;
import io.trimtab.model.Family;
import io.trimtab.model.ModelConfig;
import io.trimtab.model.image.ImagePreprocessor;
import io.trimtab.model.image.PreprocessorConfig;
import io.trimtab.model.text.ChatTemplate;
import io.trimtab.model.text.GenerationDefaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The model: a bundled one, or a folder that is read as the server reads it, part by part, so that
 * all that is missing is said at once. Weights are mapped and not read.
 *
 * @param model as {@code --model} takes it
 */
public record ModelCheck(String model) implements Check {
  private static final String AGAIN =
      "copy the whole folder from Hugging Face again, for instance with 'hf download'";

  @Override
  public String name() {
    return "model";
  }

  @Override
  public List<Finding> look() {
    if (BundledModel.exists(model)) {
      return List.of(Finding.ok(name(), model + ", which is bundled"));
    }
    Path folder;
    try {
      folder = Path.of(model);
    } catch (InvalidPathException e) {
      return List.of(noFolder());
    }
    if (!Files.isDirectory(folder)) {
      return List.of(noFolder());
    }
    if (!Files.isReadable(folder) || !Files.isExecutable(folder)) {
      return List.of(
          Finding.fault(
              name(),
              "%s can't be read by this user".formatted(folder),
              "give the user of the server the right to read it"));
    }
    return parts(folder);
  }

  private Finding noFolder() {
    return Finding.fault(
        name(),
        "there is no folder %s".formatted(model),
        "name the folder of a checkpoint, or a bundled model: "
            + String.join(", ", BundledModel.names()));
  }

  private List<Finding> parts(Path folder) {
    ModelConfig config;
    try {
      config = Checkpoint.configOf(folder);
    } catch (TrimtabException | UncheckedIOException e) {
      String families =
          Arrays.stream(Family.values()).map(Family::modelType).collect(Collectors.joining(", "));
      return List.of(
          Finding.fault(
              name(),
              reason(e),
              "name the folder of a checkpoint of a family served: " + families));
    }
    List<Finding> wrong = new ArrayList<>();
    part(wrong, () -> Checkpoint.open(folder).close());
    part(wrong, () -> json(folder.resolve("tokenizer.json")));
    part(wrong, () -> ChatTemplate.read(folder));
    part(wrong, () -> ImagePreprocessor.of(config, PreprocessorConfig.read(folder)));
    part(wrong, () -> GenerationDefaults.read(folder));
    return wrong.isEmpty()
        ? List.of(
            Finding.ok(
                name(),
                "%s, %s with %s of weights"
                    .formatted(
                        folder,
                        config.family().modelType(),
                        Sizes.text(WeightFiles.bytes(folder)))))
        : wrong;
  }

  private interface Part {
    void read() throws IOException;
  }

  private void part(List<Finding> wrong, Part part) {
    try {
      part.read();
    } catch (IOException | RuntimeException e) {
      wrong.add(Finding.fault(name(), reason(e), AGAIN));
    }
  }

  private static String reason(Exception failure) {
    String text = failure.getMessage();
    return failure instanceof TrimtabException && text != null ? text : failure.toString();
  }

  /** Read to its end, so that one that was cut is found out. */
  private static void json(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid(
          "The checkpoint folder lacks %s".formatted(file.getFileName()));
    }
    try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
      while (parser.nextToken() != null) {
        parser.skipChildren();
      }
    } catch (IOException e) {
      throw TrimtabException.invalid("%s is not JSON to its end".formatted(file.getFileName()));
    }
  }
}

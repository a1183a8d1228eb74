package io.trimtab.cli.ask;

import io.trimtab.error.TrimtabException;
import io.trimtab.model.text.Picture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Questions and answers, line by line, until the lines end. A question that fails is told and
 * forgotten, and its pictures wait for the next one. A line that begins with a slash is a command.
 */
public final class Chat {
  private static final String COMMANDS = "/image FILE, /reset and /quit";

  private final Dialogue dialogue;
  private final BufferedReader lines;
  private final Runnable prompt;
  private final PrintWriter err;
  private int failures;

  Chat(Dialogue dialogue, BufferedReader lines, Runnable prompt, PrintWriter err) {
    this.dialogue = dialogue;
    this.lines = lines;
    this.prompt = prompt;
    this.err = err;
  }

  /** Returns how many lines failed. */
  int run() throws IOException, InterruptedException {
    prompt.run();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String said = line.strip();
      if (said.equals("/quit")) {
        break;
      }
      try {
        take(said);
      } catch (TrimtabException | IOException e) {
        failures++;
        err.println("trimtab: " + e.getMessage());
        err.flush();
      }
      prompt.run();
    }
    return failures;
  }

  private void take(String said) throws IOException, InterruptedException {
    if (said.startsWith("/image ")) {
      dialogue.conversation().picture(picture(said.substring("/image ".length()).strip()));
    } else if (said.equals("/reset")) {
      dialogue.conversation().reset();
    } else if (said.startsWith("/")) {
      throw TrimtabException.invalid("%s is no command; there are %s".formatted(said, COMMANDS));
    } else if (!said.isEmpty()) {
      dialogue.ask(said);
    }
  }

  private static Picture picture(String file) throws IOException {
    try {
      return picture(Path.of(file));
    } catch (InvalidPathException e) {
      throw TrimtabException.invalid("No file can be named " + e.getInput());
    }
  }

  /**
   * The picture in a file.
   *
   * @throws TrimtabException INVALID_ARGUMENT when there is no such file
   */
  public static Picture picture(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw TrimtabException.invalid(
          "There is no picture %s; name a PNG, JPEG, WebP, GIF or BMP file".formatted(file));
    }
    return Picture.of(Files.readAllBytes(file));
  }
}

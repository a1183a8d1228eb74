package io.trimtab.model.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.trimtab.error.TrimtabException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A JVM that believes itself on a machine for which the library brings no libwebp. */
class LibwebpMissingTest {
  private static final String WEBP = "UklGRh4AAABXRUJQVlA4TBEAAAAvAAAAAAfQ//73v/+BiOh/AAA=";

  @TempDir Path folder;

  @Test
  void webpAloneIsRefused() throws Exception {
    assertThat(run("-Dos.arch=sparc"))
        .contains("PNG read", "WebP UNAVAILABLE Expected libwebp to read a WEBP picture")
        .contains("on sparc; send the picture as PNG, JPEG, GIF or BMP");
  }

  @Test
  void elsewhereItLoadsWithoutAWord() throws Exception {
    assertThat(run("-Dcom.luciad.imageio.webp.tmpdir=" + folder))
        .isEqualTo("PNG read%nWebP read%nWebP read%n".formatted());
    // Nothing stays behind but what this test wrote.
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("arguments", "output");
    }
  }

  private String run(String option) throws IOException, InterruptedException {
    Path arguments = folder.resolve("arguments");
    String classPath = System.getProperty("java.class.path").replace("\\", "\\\\");
    Files.writeString(arguments, "-cp \"%s\"".formatted(classPath));
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.awt.headless=true",
                option,
                "@" + arguments,
                Reads.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(1, TimeUnit.MINUTES);
    process.destroyForcibly();
    assertThat(ended).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  /** What the other JVM does. */
  static final class Reads {
    private Reads() {}

    public static void main(String[] arguments) throws IOException {
      ByteArrayOutputStream png = new ByteArrayOutputStream();
      ImageIO.write(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png", png);
      read("PNG", png.toByteArray());
      // The second finds another state of the library than the first.
      read("WebP", Base64.getDecoder().decode(WEBP));
      read("WebP", Base64.getDecoder().decode(WEBP));
    }

    private static void read(String name, byte[] encoded) {
      try {
        new PictureDecoder(PictureLimits.defaults()).decode(encoded);
        System.out.println(name + " read");
      } catch (TrimtabException e) {
        System.out.println(name + " " + e.code() + " " + e.getMessage());
      }
    }
  }
}

package io.trimtab.ort;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The file of ONNX Runtime's native library. The one inside the official jar is laid in a cache
 * folder once, under a name that holds its checksum, and found there by later starts; libraries of
 * execution providers in the same jar lie beside it, where ONNX Runtime looks for them.
 */
record OrtLibrary(Path file) {
  private static final String RESOURCE_ROOT = "ai/onnxruntime/native/";

  OrtLibrary {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          "Expected ONNX Runtime's native library, no such file: " + file);
    }
    file = file.toAbsolutePath();
  }

  /** The library in the jar on the class path, under the user's cache folder. */
  static OrtLibrary bundled() throws IOException {
    return bundled(userCache());
  }

  static OrtLibrary bundled(Path cache) throws IOException {
    Platform platform = Platform.current();
    URL main =
        resource(platform, platform.library())
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "The class path has no ONNX Runtime for %s; name a library file instead"
                            .formatted(platform.folder())));
    Path folder = cache.resolve(platform.folder() + "-" + fingerprint(main));
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(cache);
      Path fresh = Files.createTempDirectory(cache, "unpacking-");
      for (String name : platform.files()) {
        Optional<URL> source = resource(platform, name);
        if (source.isPresent()) {
          unpack(source.get(), fresh.resolve(name));
        }
      }
      publish(fresh, folder);
    }
    return new OrtLibrary(folder.resolve(platform.library()));
  }

  /** The file of an execution provider's library beside this one. */
  Path provider(String name) {
    String own = file.getFileName().toString();
    String prefix = own.startsWith("lib") ? "lib" : "";
    String suffix = own.endsWith(".dll") ? ".dll" : own.endsWith(".dylib") ? ".dylib" : ".so";
    return file.resolveSibling(prefix + "onnxruntime_providers_" + name + suffix);
  }

  private static Optional<URL> resource(Platform platform, String name) {
    String path = RESOURCE_ROOT + platform.folder() + "/" + name;
    return Optional.ofNullable(OrtLibrary.class.getClassLoader().getResource(path));
  }

  /** Checksum and size as the jar's directory states them, so that nothing large is read. */
  private static String fingerprint(URL library) throws IOException {
    URLConnection connection = library.openConnection();
    if (connection instanceof JarURLConnection jar) {
      return "%08x-%d".formatted(jar.getJarEntry().getCrc(), jar.getJarEntry().getSize());
    }
    return "%08x-%d".formatted(connection.getLastModified(), connection.getContentLengthLong());
  }

  private static void unpack(URL source, Path target) throws IOException {
    try (InputStream in = source.openStream()) {
      Files.copy(in, target);
    }
  }

  /** Renames the whole folder; where another process was first, its folder stays. */
  private static void publish(Path fresh, Path folder) throws IOException {
    try {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException raced) {
      if (!Files.isDirectory(folder)) {
        throw raced;
      }
      try (Stream<Path> files = Files.list(fresh)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(fresh);
    }
  }

  private static Path userCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path root =
        xdg == null || xdg.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(xdg);
    return root.resolve("trimtab").resolve("onnxruntime");
  }

  /** The jar's names for an operating system and processor. */
  private record Platform(String folder, String library, List<String> files) {
    static Platform current() {
      String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
      String arch = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
      String processor =
          switch (arch) {
            case "amd64", "x86_64" -> "x64";
            case "aarch64", "arm64" -> "aarch64";
            default -> arch;
          };
      if (os.contains("win")) {
        return of("win-" + processor, "", ".dll");
      }
      if (os.contains("mac")) {
        return of("osx-" + processor, "lib", ".dylib");
      }
      return of("linux-" + processor, "lib", ".so");
    }

    private static Platform of(String folder, String prefix, String suffix) {
      String library = prefix + "onnxruntime" + suffix;
      List<String> files =
          List.of(
              library,
              prefix + "onnxruntime_providers_shared" + suffix,
              prefix + "onnxruntime_providers_cuda" + suffix);
      return new Platform(folder, library, files);
    }
  }
}

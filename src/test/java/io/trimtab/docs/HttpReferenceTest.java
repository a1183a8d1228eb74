package io.trimtab.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.trimtab.error.ErrorCode;
import io.trimtab.error.TrimtabException;
import io.trimtab.serving.http.HttpFailure;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import java.lang.annotation.Annotation;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** docs/http.md tells of the endpoints that there are, and of failures as they are answered. */
class HttpReferenceTest {
  private static final MarkdownFile PAGE = MarkdownFile.read(Path.of("docs/http.md"));
  private static final Pattern TOLD = Pattern.compile("`((?:GET|POST|PUT|DELETE) /[^`]*)`");

  /** Quarkus answers these; HttpPathsTest asks for them. */
  private static final Set<String> OTHERS =
      Set.of("GET /", "GET /health/live", "GET /health/ready", "GET /health/well", "GET /metrics");

  private static final String CONSOLE = " /console/";

  @Test
  void everyEndpointIsToldAndNoOther() {
    Set<String> told =
        TOLD.matcher(PAGE.text())
            .results()
            .map(match -> match.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(told).containsAll(OTHERS);
    told.removeAll(OTHERS);
    assertThat(told).hasSizeGreaterThan(20).isEqualTo(endpoints());
  }

  @ParameterizedTest
  @EnumSource
  void everyCodeHasItsStatusAndWords(ErrorCode code) {
    HttpFailure failure = HttpFailure.of(new TrimtabException(code, "no"));
    assertThat(PAGE.text())
        .containsPattern(
            "\\| %s \\| %d \\| `%s` \\| .*`%s` \\|"
                .formatted(code, failure.status(), failure.error().type(), failure.error().code()));
  }

  private static Set<String> endpoints() {
    return new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.trimtab.serving")
            .stream()
            .filter(type -> type.isAnnotatedWith(jakarta.ws.rs.Path.class))
            .flatMap(HttpReferenceTest::endpoints)
            .filter(endpoint -> !endpoint.contains(CONSOLE))
            .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> endpoints(JavaClass type) {
    String root = type.getAnnotationOfType(jakarta.ws.rs.Path.class).value();
    return type.getMethods().stream()
        .flatMap(
            method ->
                verb(method).map(verb -> "%s %s".formatted(verb, path(root, method))).stream());
  }

  private static Optional<String> verb(JavaMethod method) {
    return Stream.<Class<? extends Annotation>>of(GET.class, POST.class, PUT.class, DELETE.class)
        .filter(method::isAnnotatedWith)
        .map(Class::getSimpleName)
        .findFirst();
  }

  /** What stands for something of the caller's is in capitals. */
  private static String path(String root, JavaMethod method) {
    String end =
        method
            .tryGetAnnotationOfType(jakarta.ws.rs.Path.class)
            .map(path -> "/" + path.value())
            .orElse("");
    return Pattern.compile("\\{(\\w+)[^}]*}")
        .matcher((root + end).replace("//", "/"))
        .replaceAll(name -> name.group(1).toUpperCase(Locale.ROOT));
  }
}

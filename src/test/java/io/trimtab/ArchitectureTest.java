package io.trimtab;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.trimtab.cli.PointsBack;
import io.trimtab.engine.delta.DeltaLease;
import io.trimtab.tensor.BreaksTheWalls;
import io.trimtab.testing.Shared;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The import walls of DESIGN: which package may see which, and who may touch which library. */
class ArchitectureTest {
  /** The parts in their order; each sees those listed, {@code error}, and itself. */
  private static final List<Part> PARTS =
      List.of(
          new Part("error"),
          new Part("tensor"),
          new Part("model", "tensor"),
          new Part("store", "tensor"),
          new Part("adapter", "tensor", "model", "store"),
          new Part("ort", "tensor"),
          new Part("engine", "tensor", "model", "store", "adapter", "ort"),
          new Part("tuning", "tensor", "model", "adapter"),
          new Part("world"),
          new Part("drift", "tensor", "model", "store", "adapter", "engine"),
          new Part(
              "adaptation", "tensor", "model", "store", "adapter", "engine", "drift", "tuning"),
          new Part("events", above("adaptation")),
          new Part("serving", above("events")),
          new Part("cli", above("events", "world", "tuning")),
          new Part("study", above("events", "world", "tuning")),
          new Part("app", above("events", "world", "tuning", "serving", "cli", "study")));

  /** Who alone may import what. */
  private static final List<Library> LIBRARIES =
      List.of(
          new Library(
              "the wire contract's stubs", Set.of("serving", "events", "cli"), "io.trimtab.v1.."),
          new Library(
              "the Open Inference Protocol's stubs",
              Set.of("serving.openinference"),
              "inference.."),
          new Library("gRPC", Set.of("serving", "events", "cli"), "io.grpc.."),
          new Library(
              "JAX-RS and Mutiny",
              Set.of("serving", "events"),
              "jakarta.ws.rs..",
              "io.smallrye.mutiny.."),
          new Library(
              "Kafka", Set.of("events"), "org.apache.kafka..", "kafka..", "io.cloudevents.."),
          new Library("Quarkus", Set.of("serving", "events", "app"), "io.quarkus.."),
          new Library("DJL's tokenizers", Set.of("model"), "ai.djl.huggingface.."),
          new Library(
              "DJL's engine",
              Set.of("tuning"),
              "ai.djl.ndarray..",
              "ai.djl.engine..",
              "ai.djl.nn..",
              "ai.djl.training..",
              "ai.djl.inference..",
              "ai.djl.pytorch.."),
          new Library("Jinjava", Set.of("model"), "com.hubspot.."),
          new Library("ImageIO", Set.of("model", "world"), "javax.imageio..", "com.luciad.."),
          new Library(
              "Micrometer", Set.of("serving.metrics"), "io.micrometer..", "io.prometheus.."),
          new Library("OpenTelemetry", Set.of("serving.tracing"), "io.opentelemetry.."),
          new Library("XChart", Set.of("study"), "org.knowm.xchart.."),
          new Library("picocli", Set.of("cli", "study", "app"), "picocli.."));

  private static final JavaClasses PRODUCT =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.trimtab");

  private static final JavaClasses BROKEN =
      new ClassFileImporter().importClasses(BreaksTheWalls.class, PointsBack.class, Shared.class);

  @ParameterizedTest
  @MethodSource("rules")
  void theWallStands(ArchRule rule) {
    rule.check(PRODUCT);
  }

  /** A rule that nothing can break shows nothing. */
  @ParameterizedTest
  @MethodSource("breakableRules")
  void theWallWouldShowAHole(ArchRule rule) {
    assertThat(rule.evaluate(BROKEN).hasViolation()).isTrue();
  }

  static List<Named<ArchRule>> rules() {
    List<ArchRule> rules = new ArrayList<>();
    rules.add(everyClassHasAPlace());
    rules.add(slices().matching("io.trimtab.(**)").should().beFreeOfCycles());
    rules.add(theEngineIsSeenByItsContract());
    PARTS.forEach(part -> rules.add(part.rule()));
    LIBRARIES.forEach(library -> rules.add(library.rule()));
    return rules.stream().map(rule -> Named.of(rule.getDescription(), rule)).toList();
  }

  static List<Named<ArchRule>> breakableRules() {
    List<ArchRule> rules = new ArrayList<>();
    rules.add(everyClassHasAPlace());
    rules.add(slices().matching("io.trimtab.(**)").should().beFreeOfCycles());
    rules.add(theEngineIsSeenByItsContract());
    rules.add(PARTS.get(1).rule());
    LIBRARIES.forEach(library -> rules.add(library.rule()));
    return rules.stream().map(rule -> Named.of(rule.getDescription(), rule)).toList();
  }

  private static ArchRule everyClassHasAPlace() {
    List<String> known = new ArrayList<>(List.of("io.trimtab.v1.."));
    PARTS.forEach(part -> known.add(part.packages()));
    return classes()
        .should()
        .resideInAnyPackage(known.toArray(String[]::new))
        .as("every class is in a package that DESIGN names");
  }

  /** Others open an {@code Engine}, and speak to it; what holds a pinned delta they may close. */
  private static ArchRule theEngineIsSeenByItsContract() {
    return noClasses()
        .that(resideOutsideOfPackages("io.trimtab.engine.."))
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.trimtab.engine.*..")
                .and(not(resideInAPackage("io.trimtab.engine.api..")))
                .and(not(type(DeltaLease.class))))
        .as("engine is seen by its contract alone");
  }

  private static String[] above(String... more) {
    Set<String> names =
        new TreeSet<>(
            Set.of(
                "tensor", "model", "store", "adapter", "engine", "drift", "adaptation", "tuning"));
    names.addAll(List.of(more));
    return names.toArray(String[]::new);
  }

  /** One package with its subpackages, and the parts that it may import. */
  private record Part(String name, Set<String> sees) {
    Part(String name, String... sees) {
      this(name, Set.of(sees));
    }

    String packages() {
      return "io.trimtab." + name + "..";
    }

    ArchRule rule() {
      String[] hidden =
          PARTS.stream()
              .filter(other -> !other.equals(this) && !sees.contains(other.name()))
              .filter(other -> !other.name().equals("error"))
              .map(Part::packages)
              .toArray(String[]::new);
      return noClasses()
          .that(resideInAPackage(packages()))
          .should()
          .dependOnClassesThat(resideInAnyPackage(hidden))
          .as(name + " imports nothing but " + new TreeSet<>(sees));
    }
  }

  /** A library and the parts, or packages of one, that may import it. */
  private record Library(String name, Set<String> users, List<String> packages) {
    Library(String name, Set<String> users, String... packages) {
      this(name, users, List.of(packages));
    }

    ArchRule rule() {
      String[] allowed =
          users.stream().map(user -> "io.trimtab." + user + "..").toArray(String[]::new);
      // Generated stubs use what they were generated for.
      DescribedPredicate<JavaClass> outsiders =
          resideOutsideOfPackages(allowed).and(not(resideInAPackage("io.trimtab.v1..")));
      return noClasses()
          .that(outsiders)
          .should()
          .dependOnClassesThat(resideInAnyPackage(packages.toArray(String[]::new)))
          .as(name + " is imported by " + new TreeSet<>(users) + " alone");
    }
  }
}

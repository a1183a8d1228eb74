package io.trimtab.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Every field of every manifest is one that Kubernetes or Strimzi knows. */
class ManifestModelsTest {
  static final List<String> OVERLAYS = Overlay.NAMES;

  @TempDir Path folder;

  @ParameterizedTest
  @FieldSource("OVERLAYS")
  void everyFieldIsKnownAndNothingIsThereTwice(String overlay) {
    Set<String> seen = new HashSet<>();
    for (ObjectNode manifest : Overlay.manifests(overlay)) {
      var model = StrictModel.of(manifest);
      assertThat(seen.add(model.getKind() + " " + model.getMetadata().getName())).isTrue();
      assertThat(model.getMetadata().getNamespace()).isEqualTo("trimtab");
    }
    assertThat(seen).hasSizeGreaterThan(15);
  }

  /** Otherwise a file could be there, be wrong, and be read by nobody. */
  @Test
  void everyFileIsPartOfAnOverlay() throws IOException {
    Set<JsonNode> built = new HashSet<>();
    for (String overlay : OVERLAYS) {
      Overlay.manifests(overlay).forEach(manifest -> built.add(manifest.at("/metadata/name")));
    }
    try (Stream<Path> files = Files.walk(Overlay.FOLDER)) {
      List<Path> manifests =
          files
              .filter(file -> file.toString().matches(".*\\.ya?ml"))
              .filter(file -> !file.endsWith("kustomization.yaml"))
              .toList();
      assertThat(manifests).hasSizeGreaterThan(8);
      for (Path file : manifests) {
        for (ObjectNode manifest : Kustomization.documents(file)) {
          assertThat(built).as(file.toString()).contains(manifest.at("/metadata/name"));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Deployment, /spec/template/spec/containers/0/livenessProbe/httpGet",
    "Deployment, /spec/template/spec/securityContext",
    "Service, /spec/ports/0",
    "PersistentVolumeClaim, /spec/resources",
    "PodDisruptionBudget, /spec",
    "NetworkPolicy, /spec/ingress/0",
    "ServiceAccount, /metadata",
    "Kafka, /spec/kafka/listeners/0",
    "KafkaNodePool, /spec/storage/volumes/0",
    "KafkaTopic, /spec",
    "KafkaUser, /spec/authorization/acls/0/resource",
  })
  void aFieldThatNobodyKnowsIsFoundWhereverItIs(String kind, String place) {
    ObjectNode manifest = first(kind);
    assertThat(StrictModel.of(manifest)).isNotNull();
    ((ObjectNode) manifest.at(place)).put("misspelt", 1);
    assertThatThrownBy(() -> StrictModel.of(manifest)).hasMessageContaining("misspelt");
  }

  @Test
  void aValueOfAnotherTypeIsRefused() {
    ObjectNode manifest = first("Deployment");
    ((ObjectNode) manifest.at("/spec")).put("replicas", "two");
    assertThatThrownBy(() -> StrictModel.of(manifest)).hasMessageContaining("replicas");
  }

  @Test
  void aFieldThatIsSaidTwiceIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("twice.yaml"), "kind: Service\nkind: Service\n");
    assertThatThrownBy(() -> Kustomization.documents(file)).hasMessageContaining("Duplicate");
  }

  @Test
  void whatIsNotUnderstoodOfKustomizeIsRefused() throws IOException {
    Files.writeString(folder.resolve("kustomization.yaml"), "namePrefix: my-\n");
    assertThatThrownBy(() -> Kustomization.build(folder)).hasMessageContaining("namePrefix");
  }

  private static ObjectNode first(String kind) {
    return Overlay.manifests("cpu").stream()
        .filter(manifest -> manifest.path("kind").textValue().equals(kind))
        .findFirst()
        .orElseThrow();
  }
}

package io.trimtab.deploy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

/** One overlay of k8s/, built and read strictly. */
record Overlay(String name, List<HasMetadata> resources) {
  static final Path FOLDER = Path.of("k8s");
  static final List<String> NAMES = List.of("cpu", "cuda");
  static final String SETTINGS_FILE = "application.properties";

  static Overlay of(String name) {
    return new Overlay(name, manifests(name).stream().map(StrictModel::of).toList());
  }

  static List<ObjectNode> manifests(String name) {
    try {
      return Kustomization.build(folder(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path folder(String name) {
    return FOLDER.resolve("overlays").resolve(name);
  }

  static List<Overlay> all() {
    return NAMES.stream().map(Overlay::of).toList();
  }

  @Override
  public String toString() {
    return name;
  }

  <T extends HasMetadata> List<T> all(Class<T> kind) {
    return resources.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  <T extends HasMetadata> T one(Class<T> kind, String resource) {
    return all(kind).stream()
        .filter(each -> each.getMetadata().getName().equals(resource))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("No %s %s".formatted(kind.getSimpleName(), resource)));
  }

  Deployment role(String role) {
    return one(Deployment.class, "trimtab-" + role);
  }

  static PodSpec pod(Deployment deployment) {
    return deployment.getSpec().getTemplate().getSpec();
  }

  static Container container(Deployment deployment) {
    return pod(deployment).getContainers().getFirst();
  }

  /** What the configuration file says, unread by any rules but those of property files. */
  Map<String, String> settings() {
    Properties read = new Properties();
    try {
      read.load(new StringReader(one(ConfigMap.class, "trimtab").getData().get(SETTINGS_FILE)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> settings = new TreeMap<>();
    read.stringPropertyNames().forEach(key -> settings.put(key, read.getProperty(key)));
    return settings;
  }

  static Map<String, String> environment(Deployment deployment) {
    Map<String, String> environment = new TreeMap<>();
    container(deployment)
        .getEnv()
        .forEach(variable -> environment.put(variable.getName(), variable.getValue()));
    return environment;
  }
}

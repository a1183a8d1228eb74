package io.trimtab.deploy;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * A folder's manifests as {@code kustomize build} prints them, for what the overlays use of it:
 * resources, a namespace, images, JSON patches of targets by kind and name. Anything else is
 * refused.
 */
final class Kustomization {
  private static final String FILE = "kustomization.yaml";
  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .build();
  private static final Set<String> KNOWN =
      Set.of("apiVersion", "kind", "resources", "namespace", "images", "patches");

  private Kustomization() {}

  static List<ObjectNode> build(Path folder) throws IOException {
    JsonNode file = documents(folder.resolve(FILE)).getFirst();
    for (Iterator<String> names = file.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!KNOWN.contains(name)) {
        throw new IllegalArgumentException("%s in %s is not known here".formatted(name, folder));
      }
    }
    List<ObjectNode> resources = new ArrayList<>();
    for (JsonNode resource : file.path("resources")) {
      Path path = folder.resolve(resource.textValue()).normalize();
      resources.addAll(Files.isDirectory(path) ? build(path) : documents(path));
    }
    for (ObjectNode resource : resources) {
      if (file.has("namespace")) {
        ((ObjectNode) resource.required("metadata")).set("namespace", file.get("namespace"));
      }
      file.path("images").forEach(image -> name(image, resource));
      for (JsonNode patch : file.path("patches")) {
        patch(patch, resource);
      }
    }
    return resources;
  }

  static List<ObjectNode> documents(Path file) throws IOException {
    try (MappingIterator<ObjectNode> all =
        YAML.readerFor(ObjectNode.class).readValues(file.toFile())) {
      return all.readAll();
    }
  }

  private static void name(JsonNode image, ObjectNode resource) {
    for (JsonNode container : resource.at("/spec/template/spec/containers")) {
      if (container.path("image").equals(image.required("name"))) {
        String name = image.required("newName").textValue();
        ((ObjectNode) container).put("image", name + ":" + image.required("newTag").textValue());
      }
    }
  }

  private static void patch(JsonNode patch, ObjectNode resource) throws IOException {
    JsonNode target = patch.required("target");
    if (resource.required("kind").equals(target.required("kind"))
        && resource.at("/metadata/name").textValue().matches(target.required("name").textValue())) {
      JsonPatch.apply(YAML.readTree(patch.required("patch").textValue()), resource);
    }
  }
}

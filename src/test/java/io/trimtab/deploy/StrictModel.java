package io.trimtab.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A manifest as the class that Kubernetes' or Strimzi's own clients have for its kind. Those keep
 * fields that they do not know aside; here such a field is an error.
 */
final class StrictModel {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Class<? extends HasMetadata>> KINDS =
      Map.ofEntries(
          Map.entry("v1 ServiceAccount", ServiceAccount.class),
          Map.entry("v1 ConfigMap", ConfigMap.class),
          Map.entry("v1 PersistentVolumeClaim", PersistentVolumeClaim.class),
          Map.entry("v1 Service", Service.class),
          Map.entry("apps/v1 Deployment", Deployment.class),
          Map.entry("policy/v1 PodDisruptionBudget", PodDisruptionBudget.class),
          Map.entry("networking.k8s.io/v1 NetworkPolicy", NetworkPolicy.class),
          Map.entry("kafka.strimzi.io/v1beta2 Kafka", Kafka.class),
          Map.entry("kafka.strimzi.io/v1beta2 KafkaNodePool", KafkaNodePool.class),
          Map.entry("kafka.strimzi.io/v1beta2 KafkaTopic", KafkaTopic.class),
          Map.entry("kafka.strimzi.io/v1beta2 KafkaUser", KafkaUser.class));

  private StrictModel() {}

  static HasMetadata of(ObjectNode manifest) {
    String kind = "%s %s".formatted(text(manifest, "apiVersion"), text(manifest, "kind"));
    Class<? extends HasMetadata> type = KINDS.get(kind);
    if (type == null) {
      throw new IllegalArgumentException("No model for " + kind);
    }
    HasMetadata model = JSON.convertValue(manifest, type);
    List<String> unknown = new ArrayList<>();
    unknown(model, kind, unknown);
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException("Unknown fields: " + String.join(", ", unknown));
    }
    return model;
  }

  private static String text(JsonNode manifest, String field) {
    return manifest.required(field).textValue();
  }

  private static void unknown(Object value, String path, List<String> found) {
    switch (value) {
      case Map<?, ?> map -> map.forEach((key, each) -> unknown(each, path + "." + key, found));
      case Collection<?> all -> {
        int index = 0;
        for (Object each : all) {
          unknown(each, "%s[%d]".formatted(path, index++), found);
        }
      }
      default -> {
        if (isModel(value.getClass())) {
          properties(value).forEach(getter -> follow(getter, value, path, found));
        }
      }
    }
  }

  private static void follow(Method getter, Object owner, String path, List<String> found) {
    Object value = called(getter, owner);
    if (value == null) {
      return;
    }
    if (getter.getName().equals("getAdditionalProperties")) {
      ((Map<?, ?>) value).keySet().forEach(key -> found.add(path + "." + key));
    } else {
      unknown(value, "%s.%s".formatted(path, getter.getName().substring("get".length())), found);
    }
  }

  private static boolean isModel(Class<?> type) {
    return !type.isEnum()
        && (type.getName().startsWith("io.fabric8.") || type.getName().startsWith("io.strimzi."));
  }

  private static Stream<Method> properties(Object model) {
    return Stream.of(model.getClass().getMethods())
        .filter(method -> method.getName().startsWith("get") && method.getParameterCount() == 0)
        .filter(method -> isModel(method.getDeclaringClass()))
        .filter(method -> !method.getDeclaringClass().isInterface());
  }

  private static @Nullable Object called(Method getter, Object owner) {
    try {
      return getter.invoke(owner);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("Could not read %s".formatted(getter), e);
    }
  }
}

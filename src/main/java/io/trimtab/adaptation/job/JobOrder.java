package io.trimtab.adaptation.job;

import java.util.Map;

/**
 * What a person who began a job asked of it, beside its adapter and recipe.
 *
 * @param trainingFile id of the file that its examples came from
 * @param suffix as the person gave it; may be empty
 * @param metadata a person's own words, kept as they are
 * @param training what differs from the server's settings
 */
public record JobOrder(
    String trainingFile, String suffix, Map<String, String> metadata, OrderedTraining training) {
  public JobOrder {
    metadata = Map.copyOf(metadata);
  }
}

package io.trimtab.serving.finetuning;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's event of a fine-tuning job.
 *
 * @param level info, warn or error
 * @param type message or metrics
 * @param data figures behind the message; null for none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
record JobEvent(
    String id,
    String object,
    long createdAt,
    String level,
    String message,
    String type,
    @Nullable Object data) {}

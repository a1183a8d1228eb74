package io.trimtab.model.text;

import com.hubspot.jinjava.interpret.InterpretException;
import java.io.Serial;

/** A chat template's own refusal of a conversation, on its way through Jinjava. */
final class RefusedByTemplate extends InterpretException {
  @Serial private static final long serialVersionUID = 1;

  RefusedByTemplate(String message) {
    super(message);
  }
}

package io.trimtab.cli.adapters;

import io.trimtab.error.PlainText;
import io.trimtab.v1.RevisionRef;
import java.util.OptionalInt;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * {@code NAME} or {@code NAME@REVISION}, as a person writes it. How names are spelled is for the
 * server to say.
 *
 * @param revision from 0; empty where none is named
 */
record RevisionName(String name, OptionalInt revision) {
  static RevisionName of(String text) {
    int at = text.lastIndexOf('@');
    if (at < 0) {
      return new RevisionName(text, OptionalInt.empty());
    }
    try {
      int revision = Integer.parseInt(text.substring(at + 1));
      if (revision >= 0) {
        return new RevisionName(text.substring(0, at), OptionalInt.of(revision));
      }
    } catch (NumberFormatException _) {
      // Answered below, like a number out of range.
    }
    throw new TypeConversionException(
        "'%s' is not NAME or NAME@REVISION with a number from 0".formatted(PlainText.of(text)));
  }

  /** The revision, or 0 for what the server takes that as. */
  int revisionOrZero() {
    return revision.orElse(0);
  }

  RevisionRef ref() {
    return RevisionRef.newBuilder().setAdapter(name).setRevision(revisionOrZero()).build();
  }

  @Override
  public String toString() {
    return revision.isPresent() ? name + "@" + revision.getAsInt() : name;
  }

  /** For picocli. */
  static final class Converter implements ITypeConverter<RevisionName> {
    @Override
    public RevisionName convert(String text) {
      return of(text);
    }
  }
}

package io.trimtab.serving.console;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.grpc.MethodDescriptor;
import io.trimtab.error.TrimtabException;

/**
 * A method of the contract whose messages are written as protobuf's JSON mapping has them: 64-bit
 * numbers are strings, bytes are base64, times are RFC 3339. Immutable.
 *
 * @param descriptor of the method
 */
record JsonMethod(MethodDescriptor<Message, Message> descriptor) {
  private static final JsonFormat.Parser PARSER = JsonFormat.parser();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace().alwaysPrintFieldsWithNoPresence();

  // All messages of the contract are generated ones.
  @SuppressWarnings("unchecked")
  static JsonMethod of(MethodDescriptor<?, ?> descriptor) {
    return new JsonMethod((MethodDescriptor<Message, Message>) descriptor);
  }

  /**
   * Reads a request; empty is one with nothing set.
   *
   * @throws TrimtabException INVALID_ARGUMENT for what is no JSON or has a field that is none
   */
  Message request(String json) {
    if (!(descriptor.getRequestMarshaller()
        instanceof MethodDescriptor.PrototypeMarshaller<Message> marshaller)) {
      throw new IllegalStateException(descriptor.getFullMethodName() + " has no prototype");
    }
    Message prototype = marshaller.getMessagePrototype();
    if (prototype == null) {
      throw new IllegalStateException(descriptor.getFullMethodName() + " has no prototype");
    }
    return read(json, prototype.newBuilderForType()).build();
  }

  /** Reads a message into its builder; likewise. */
  static <B extends Message.Builder> B read(String json, B into) {
    try {
      if (!json.isBlank()) {
        PARSER.merge(json, into);
      }
      return into;
    } catch (InvalidProtocolBufferException e) {
      throw TrimtabException.invalid(
          "The body can't be read as %s: %s"
              .formatted(into.getDescriptorForType().getName(), e.getMessage()));
    }
  }

  /** One line of JSON. */
  static String write(Message message) {
    try {
      return PRINTER.print(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("A message that was just made can't be written", e);
    }
  }
}

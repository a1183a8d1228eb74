package io.trimtab.model.graph;

import com.google.protobuf.CodedOutputStream;
import io.trimtab.tensor.DType;
import io.trimtab.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * Encodes a graph as a {@code ModelProto}. Field numbers are those of onnx.proto (ONNX 1.18, IR
 * version 10); each method writes the message that it is named after.
 */
final class OnnxEncoder {
  private static final int IR_VERSION = 10;
  private static final int ONNX_OPSET = 23;
  private static final int MICROSOFT_OPSET = 1;

  /** {@code TensorProto.DataLocation.EXTERNAL}. */
  private static final int EXTERNAL = 1;

  /** The fields of one message. */
  @FunctionalInterface
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  private OnnxEncoder() {}

  static byte[] model(String name, GraphParts parts, WeightFile data, String dataName) {
    return message(
        model -> {
          model.writeInt64(1, IR_VERSION);
          model.writeString(2, "trimtab");
          nested(model, 7, graph(name, parts, data, dataName));
          nested(model, 8, operatorSet("", ONNX_OPSET));
          nested(model, 8, operatorSet(OnnxGraph.MICROSOFT, MICROSOFT_OPSET));
        });
  }

  private static Fields operatorSet(String domain, int version) {
    return out -> {
      out.writeString(1, domain);
      out.writeInt64(2, version);
    };
  }

  private static Fields graph(String name, GraphParts parts, WeightFile data, String dataName) {
    return out -> {
      for (GraphParts.Node node : parts.nodes) {
        nested(out, 1, node(node));
      }
      out.writeString(2, name);
      for (GraphParts.Constant constant : parts.constants()) {
        nested(out, 5, constant(constant));
      }
      for (GraphParts.Weight weight : parts.weights()) {
        nested(out, 5, weight(weight, data.offset(weight), dataName));
      }
      for (GraphParts.Value input : parts.inputs) {
        nested(out, 11, valueInfo(input));
      }
      for (GraphParts.Value output : parts.outputs) {
        nested(out, 12, valueInfo(output));
      }
      for (GraphParts.Value value : parts.described) {
        nested(out, 13, valueInfo(value));
      }
    };
  }

  private static Fields node(GraphParts.Node node) {
    return out -> {
      for (String input : node.inputs()) {
        out.writeString(1, input);
      }
      for (String output : node.outputs()) {
        out.writeString(2, output);
      }
      out.writeString(3, node.name());
      out.writeString(4, node.opType());
      for (Attribute attribute : node.attributes()) {
        nested(out, 5, attribute(attribute));
      }
      if (!node.domain().isEmpty()) {
        out.writeString(7, node.domain());
      }
    };
  }

  private static Fields attribute(Attribute attribute) {
    return out -> {
      out.writeString(1, attribute.name());
      // Field 20 is AttributeProto.AttributeType.
      switch (attribute) {
        case Attribute.FloatAttribute(String _, float value) -> {
          out.writeFloat(2, value);
          out.writeEnum(20, 1);
        }
        case Attribute.IntAttribute(String _, long value) -> {
          out.writeInt64(3, value);
          out.writeEnum(20, 2);
        }
        case Attribute.StringAttribute(String _, String value) -> {
          out.writeString(4, value);
          out.writeEnum(20, 3);
        }
        case Attribute.FloatsAttribute(String _, List<Float> values) -> {
          for (float value : values) {
            out.writeFloat(7, value);
          }
          out.writeEnum(20, 6);
        }
        case Attribute.IntsAttribute(String _, List<Long> values) -> {
          for (long value : values) {
            out.writeInt64(8, value);
          }
          out.writeEnum(20, 7);
        }
      }
    };
  }

  private static Fields constant(GraphParts.Constant constant) {
    return out -> {
      tensorHead(out, constant.name(), constant.dtype(), constant.shape());
      out.writeBytes(9, constant.littleEndian());
    };
  }

  private static Fields weight(GraphParts.Weight weight, long offset, String dataName) {
    return out -> {
      tensorHead(out, weight.name(), weight.dtype(), weight.shape());
      nested(out, 13, entry("location", dataName));
      nested(out, 13, entry("offset", Long.toString(offset)));
      nested(out, 13, entry("length", Long.toString(weight.bytes())));
      out.writeEnum(14, EXTERNAL);
    };
  }

  private static void tensorHead(CodedOutputStream out, String name, DType dtype, Shape shape)
      throws IOException {
    for (long dim : shape.dims()) {
      out.writeInt64(1, dim);
    }
    out.writeInt32(2, dtype.onnxCode());
    out.writeString(8, name);
  }

  private static Fields entry(String key, String value) {
    return out -> {
      out.writeString(1, key);
      out.writeString(2, value);
    };
  }

  private static Fields valueInfo(GraphParts.Value value) {
    return out -> {
      out.writeString(1, value.name());
      nested(out, 2, type -> nested(type, 1, tensorType(value)));
    };
  }

  private static Fields tensorType(GraphParts.Value value) {
    return out -> {
      out.writeInt32(1, value.dtype().onnxCode());
      nested(out, 2, shape -> shape(shape, value.dims()));
    };
  }

  private static void shape(CodedOutputStream out, List<Object> dims) throws IOException {
    for (Object dim : dims) {
      nested(
          out,
          1,
          dimension -> {
            if (dim instanceof Long size) {
              dimension.writeInt64(1, size);
            } else {
              dimension.writeString(2, dim.toString());
            }
          });
    }
  }

  private static void nested(CodedOutputStream out, int field, Fields fields) throws IOException {
    out.writeByteArray(field, message(fields));
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.write(out);
      out.flush();
    } catch (IOException impossible) {
      throw new UncheckedIOException("Writing to memory failed", impossible);
    }
    return bytes.toByteArray();
  }
}

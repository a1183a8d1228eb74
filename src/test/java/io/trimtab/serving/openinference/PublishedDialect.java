package io.trimtab.serving.openinference;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MessageOptions;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The protocol as its clients know it: messages of their own, built from names, numbers and types
 * as KServe and Triton have published them, and nothing of ours.
 */
enum PublishedDialect {
  KSERVE(
      """
      InferParameter bool_param:1:bool int64_param:2:int64 string_param:3:string
      RepositoryModelLoadRequest model_name:1:string
      RepositoryModelLoadResponse model_name:1:string isLoaded:2:bool
      RepositoryModelUnloadRequest model_name:1:string
      RepositoryModelUnloadResponse model_name:1:string isUnloaded:2:bool
      """),
  TRITON(
      """
      InferParameter bool_param:1:bool int64_param:2:int64 string_param:3:string \
      double_param:4:double uint64_param:5:uint64
      ModelConfigRequest name:1:string version:2:string
      ModelConfigResponse config:1:.ModelConfig
      ModelConfig name:1:string platform:2:string max_batch_size:4:int32 input:5:.ModelInput* \
      output:6:.ModelOutput* backend:17:string model_transaction_policy:19:.ModelTransactionPolicy
      ModelInput name:1:string data_type:2:enum.DataType dims:4:int64* optional:8:bool
      ModelOutput name:1:string data_type:2:enum.DataType dims:3:int64*
      ModelTransactionPolicy decoupled:1:bool
      ModelStreamInferResponse error_message:1:string infer_response:2:.ModelInferResponse
      ModelRepositoryParameter bool_param:1:bool int64_param:2:int64 string_param:3:string \
      bytes_param:4:bytes
      RepositoryIndexRequest repository_name:1:string ready:2:bool
      RepositoryIndexResponse models:1:.RepositoryIndexResponse.ModelIndex*
      RepositoryIndexResponse.ModelIndex name:1:string version:2:string state:3:string \
      reason:4:string
      RepositoryModelLoadRequest repository_name:1:string model_name:2:string \
      parameters:3:map.ModelRepositoryParameter
      RepositoryModelLoadResponse
      RepositoryModelUnloadRequest repository_name:1:string model_name:2:string \
      parameters:3:map.ModelRepositoryParameter
      RepositoryModelUnloadResponse
      """);

  private static final String BOTH =
      """
      ServerLiveRequest
      ServerLiveResponse live:1:bool
      ServerReadyRequest
      ServerReadyResponse ready:1:bool
      ModelReadyRequest name:1:string version:2:string
      ModelReadyResponse ready:1:bool
      ServerMetadataRequest
      ServerMetadataResponse name:1:string version:2:string extensions:3:string*
      ModelMetadataRequest name:1:string version:2:string
      ModelMetadataResponse name:1:string versions:2:string* platform:3:string \
      inputs:4:.ModelMetadataResponse.TensorMetadata* \
      outputs:5:.ModelMetadataResponse.TensorMetadata*
      ModelMetadataResponse.TensorMetadata name:1:string datatype:2:string shape:3:int64*
      InferTensorContents bool_contents:1:bool* int_contents:2:int32* int64_contents:3:int64* \
      uint_contents:4:uint32* uint64_contents:5:uint64* fp32_contents:6:float* \
      fp64_contents:7:double* bytes_contents:8:bytes*
      ModelInferRequest model_name:1:string model_version:2:string id:3:string \
      parameters:4:map.InferParameter inputs:5:.ModelInferRequest.InferInputTensor* \
      outputs:6:.ModelInferRequest.InferRequestedOutputTensor* raw_input_contents:7:bytes*
      ModelInferRequest.InferInputTensor name:1:string datatype:2:string shape:3:int64* \
      parameters:4:map.InferParameter contents:5:.InferTensorContents
      ModelInferRequest.InferRequestedOutputTensor name:1:string parameters:2:map.InferParameter
      ModelInferResponse model_name:1:string model_version:2:string id:3:string \
      parameters:4:map.InferParameter outputs:5:.ModelInferResponse.InferOutputTensor* \
      raw_output_contents:6:bytes*
      ModelInferResponse.InferOutputTensor name:1:string datatype:2:string shape:3:int64* \
      parameters:4:map.InferParameter contents:5:.InferTensorContents
      """;

  private final FileDescriptor file;

  PublishedDialect(String own) {
    FileDescriptorProto.Builder definitions =
        FileDescriptorProto.newBuilder()
            .setName(name().toLowerCase(Locale.ROOT) + ".proto")
            .setPackage("inference")
            .setSyntax("proto3")
            .addEnumType(
                EnumDescriptorProto.newBuilder()
                    .setName("DataType")
                    .addValue(EnumValueDescriptorProto.newBuilder().setName("NONE").setNumber(0)));
    List<String> lines = new ArrayList<>(Both.LINES);
    lines.addAll(own.lines().toList());
    for (String line : lines) {
      String[] words = line.split(" ");
      String[] names = words[0].split("\\.");
      DescriptorProto.Builder message =
          DescriptorProto.newBuilder().setName(names[names.length - 1]);
      for (int i = 1; i < words.length; i++) {
        add(message, words[0], words[i]);
      }
      if (names.length == 1) {
        definitions.addMessageType(message);
      } else {
        outer(definitions, names[0]).addNestedType(message);
      }
    }
    try {
      file = FileDescriptor.buildFrom(definitions.build(), new FileDescriptor[0]);
    } catch (DescriptorValidationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The lines of both, where an enum's constructor may read them. */
  private static final class Both {
    private static final List<String> LINES = BOTH.lines().toList();
  }

  private static DescriptorProto.Builder outer(FileDescriptorProto.Builder file, String name) {
    return file.getMessageTypeBuilderList().stream()
        .filter(each -> each.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /**
   * Adds {@code name:number:type}; {@code *} is repeated, {@code enum.X} an enum, {@code map.X} a
   * map from names to X.
   */
  private static void add(DescriptorProto.Builder message, String full, String words) {
    String[] parts = words.split(":");
    String type = parts[2];
    FieldDescriptorProto.Builder field =
        FieldDescriptorProto.newBuilder()
            .setName(parts[0])
            .setNumber(Integer.parseInt(parts[1]))
            .setLabel(Label.LABEL_OPTIONAL);
    if (type.startsWith("map.")) {
      String entry = Character.toUpperCase(parts[0].charAt(0)) + parts[0].substring(1) + "Entry";
      message.addNestedType(
          DescriptorProto.newBuilder()
              .setName(entry)
              .setOptions(MessageOptions.newBuilder().setMapEntry(true))
              .addField(field("key", 1).setType(Type.TYPE_STRING))
              .addField(
                  field("value", 2)
                      .setType(Type.TYPE_MESSAGE)
                      .setTypeName(".inference." + type.substring("map.".length()))));
      field.setLabel(Label.LABEL_REPEATED);
      type = "." + full + "." + entry;
    } else if (type.endsWith("*")) {
      field.setLabel(Label.LABEL_REPEATED);
      type = type.substring(0, type.length() - 1);
    }
    if (type.startsWith("enum.")) {
      field.setType(Type.TYPE_ENUM).setTypeName(".inference" + type.substring("enum".length()));
    } else if (type.startsWith(".")) {
      field.setType(Type.TYPE_MESSAGE).setTypeName(".inference" + type);
    } else {
      field.setType(Type.valueOf("TYPE_" + type.toUpperCase(Locale.ROOT)));
    }
    message.addField(field);
  }

  private static FieldDescriptorProto.Builder field(String name, int number) {
    return FieldDescriptorProto.newBuilder()
        .setName(name)
        .setNumber(number)
        .setLabel(Label.LABEL_OPTIONAL);
  }

  List<Descriptor> messages() {
    return file.getMessageTypes();
  }

  DynamicMessage.Builder message(String name) {
    return DynamicMessage.newBuilder(file.findMessageTypeByName(name));
  }

  /** A method whose messages have its name and Request or Response. */
  MethodDescriptor<DynamicMessage, DynamicMessage> method(String name, MethodType type) {
    return MethodDescriptor.<DynamicMessage, DynamicMessage>newBuilder()
        .setType(type)
        .setFullMethodName("inference.GRPCInferenceService/" + name)
        .setRequestMarshaller(marshaller(name.replace("Stream", "") + "Request"))
        .setResponseMarshaller(marshaller(name + "Response"))
        .build();
  }

  private MethodDescriptor.Marshaller<DynamicMessage> marshaller(String message) {
    return ProtoUtils.marshaller(
        DynamicMessage.getDefaultInstance(file.findMessageTypeByName(message)));
  }
}

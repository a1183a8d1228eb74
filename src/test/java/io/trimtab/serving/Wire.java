package io.trimtab.serving;

import com.google.protobuf.ByteString;
import io.trimtab.v1.Image;
import io.trimtab.v1.Message;
import io.trimtab.v1.Part;
import java.util.List;

/** Messages as clients send them. */
public final class Wire {
  private Wire() {}

  public static Message user(Part... parts) {
    return Message.newBuilder().setRole("user").addAllParts(List.of(parts)).build();
  }

  public static Part text(String text) {
    return Part.newBuilder().setText(text).build();
  }

  public static Part picture(byte[] bytes) {
    return image(Image.newBuilder().setData(ByteString.copyFrom(bytes)));
  }

  public static Part picture(String sha256) {
    return image(Image.newBuilder().setSha256(sha256));
  }

  public static Part image(Image.Builder image) {
    return Part.newBuilder().setImage(image).build();
  }
}

package io.trimtab.app;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.List;

@QuarkusTest
@TestProfile(GrpcParityLlavaNextTest.Served.class)
class GrpcParityLlavaNextTest extends GrpcParity {
  private static final String CHECKPOINT = "reference/llava-next";

  GrpcParityLlavaNextTest() {
    super(CHECKPOINT, List.of());
  }

  /** Quarkus makes profiles without arguments. */
  public static final class Served extends Profile {
    public Served() {
      super(CHECKPOINT);
    }
  }
}

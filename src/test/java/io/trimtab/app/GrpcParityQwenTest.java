package io.trimtab.app;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;

@QuarkusTest
@TestProfile(GrpcParityQwenTest.Served.class)
class GrpcParityQwenTest extends GrpcParity {
  private static final String CHECKPOINT = "reference/qwen2_5-vl";

  GrpcParityQwenTest() {
    super(CHECKPOINT);
  }

  /** Quarkus makes profiles without arguments. */
  public static final class Served extends Profile {
    public Served() {
      super(CHECKPOINT);
    }
  }
}

package io.trimtab.app;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.util.List;

@QuarkusTest
@TestProfile(GrpcParityQwenTest.Served.class)
class GrpcParityQwenTest extends GrpcParity {
  private static final String CHECKPOINT = "reference/qwen2_5-vl";

  GrpcParityQwenTest() {
    super(CHECKPOINT, List.of("all-linear", "merger"));
  }

  /** Quarkus makes profiles without arguments. */
  public static final class Served extends Profile {
    public Served() {
      super(CHECKPOINT);
    }
  }
}

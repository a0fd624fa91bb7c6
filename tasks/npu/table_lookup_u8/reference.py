def reference(inputs, scalars):
    return {"values": inputs["table"][inputs["codes"]]}

def arguments(parser):
    pass
def prepare(options, told, prepared):
    return []

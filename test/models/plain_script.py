# idioms: no-model
import os
print(os.getcwd())
